"""What an organizer may send about contexts, upgrades and suggestions: explicit fields, rows of this study alone."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from elicit.models import Question, Study
from elicit.organizer_forms import NumberForm
from moralgraph.contexts import LONGEST_TEXT
from moralgraph.models import CanonicalValuesCard, Context
from moralgraph.upgrades import LONGEST_STORY


def choices_of(*names: str) -> list[tuple[str, str]]:
    """Return names as choices of a field that is drawn as buttons."""
    return [(name, name) for name in names]


class ContextForm(forms.Form):
    """A context's words in each of the study's languages."""

    def __init__(self, study: Study, *args: Any, context: Context | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = study.current_version.design.languages
        for language in self.languages:
            label = _("In words (%(language)s)") % {"language": language} if len(self.languages) > 1 else _("In words")
            self.fields[f"text_{language}"] = forms.CharField(
                label=label, max_length=LONGEST_TEXT, required=language == self.languages[0],
                initial=(context.text.get(language, "") if context else ""),
                help_text=_("Begin with “When ...”.") if language == "en" else "",
            )  # fmt: skip

    def texts(self) -> dict[str, str]:
        """Return the words by language, without languages that were left empty."""
        given = {language: self.cleaned_data[f"text_{language}"] for language in self.languages}
        return {language: text for language, text in given.items() if text.strip()}


class QuestionChoice(forms.ModelMultipleChoiceField):
    """Questions under their titles."""

    def label_from_instance(self, question: Question) -> str:
        """Return the title in the study's first language."""
        return str(next(iter(question.title.values())))


class NewContextForm(ContextForm):
    """A new context, and the questions whose people are asked in it first."""

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(study, *args, **kwargs)
        self.fields["questions"] = QuestionChoice(
            label=_("Asked first of people who talked about"), queryset=Question.objects.of_study(study),
            required=False, widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip


class ContextActionForm(NumberForm):
    """What to do with a context, and into which other one it is merged."""

    action = forms.ChoiceField(choices=choices_of("use", "retire", "reword", "merge"))
    into = forms.IntegerField(min_value=1, required=False)


class NewUpgradeForm(forms.Form):
    """Two cards to be compared in a context."""

    def __init__(self, study: Study, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cards = CanonicalValuesCard.objects.of_study(study).filter(merged_into=None).exclude(policies=[])
        for name, label in (("first", _("One card")), ("second", _("The other, which may be wiser"))):
            self.fields[name] = forms.ModelChoiceField(label=label, queryset=cards.order_by("title", "pk"))
        self.fields["context"] = forms.ModelChoiceField(
            queryset=Context.objects.of_study(study), widget=forms.HiddenInput
        )


class UpgradeActionForm(NumberForm):
    """What to do with an upgrade, and its stories where they are reworded."""

    action = forms.ChoiceField(choices=choices_of("use", "retire", "reword"))
    forward = forms.CharField(max_length=LONGEST_STORY, required=False)
    reverse = forms.CharField(max_length=LONGEST_STORY, required=False)


class SuggestionForm(NumberForm):
    """Take a suggestion up, or leave it aside."""

    decision = forms.ChoiceField(choices=choices_of("accept", "decline"))
