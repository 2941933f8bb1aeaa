"""The forms of the rated conversations.

Rule: no control starts with an answer.
"""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from elicit.conversations import LONGEST_OPEN_TEXT, LONGEST_PROMPT
from elicit.models import Utterance
from elicit.rating import ATTRIBUTES, LEAST_SCORE, LONGEST_REASON, MOST_SCORE
from elicit.study_files import ConversationType


def _slider(label: Any, *, least: int, most: int, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=required)


class PromptForm(forms.Form):
    """What a person writes to the models. The hidden key makes a second click harmless."""

    use_required_attribute = False
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    prompt = forms.CharField(
        label=_("What do you want to write?"), required=True, widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_PROMPT,
        error_messages={"required": _("Please write something first.")},
    )  # fmt: skip


class OpeningForm(PromptForm):
    """The first prompt of a conversation, and what it is about."""

    field_order = ("key", "kind", "prompt")

    def __init__(self, types: Sequence[ConversationType], language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What should this conversation be about?"),
            choices=[(each.key, each.title.for_language(language)) for each in types],
            widget=forms.RadioSelect,
            error_messages={"required": _("Please choose what the conversation is about.")},
        )
        self.hints = {each.key: each.text.for_language(language) for each in types}


class AnchoredForm(forms.Form):
    """A first prompt that the study gives: there is nothing to choose and nothing to write."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.CharField(max_length=20, widget=forms.HiddenInput)
    prompt = forms.CharField(max_length=LONGEST_PROMPT, widget=forms.HiddenInput)


class RatingForm(forms.Form):
    """Scores of the answers to one prompt, by letter."""

    use_required_attribute = False
    turn = forms.CharField(max_length=12, widget=forms.HiddenInput)
    all_bad = forms.BooleanField(label=_("None of these answers is any good"), required=False)
    reason = forms.CharField(label=_("What is bad about them?"), required=False, max_length=LONGEST_REASON)

    def __init__(self, utterances: list[Utterance], *args: Any, with_society: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letters = [utterance.letter for utterance in utterances]
        for letter in self.letters:
            label = _("Your rating of answer %(letter)s") % {"letter": letter}
            self.fields[f"score_{letter}"] = _slider(label, least=LEAST_SCORE, most=MOST_SCORE)
            if with_society:
                label = _("How good answer %(letter)s would be for everybody") % {"letter": letter}
                self.fields[f"society_{letter}"] = _slider(label, least=LEAST_SCORE, most=MOST_SCORE)
        self.fields["chosen"] = forms.ChoiceField(
            label=_("Which of them would you continue with?"), widget=forms.RadioSelect, required=False
        )
        self.show_ties(self.letters)

    def show_ties(self, letters: Sequence[str]) -> None:
        """Offer these letters to go on with."""
        chosen = cast(forms.ChoiceField, self.fields["chosen"])
        chosen.choices = [(letter, _("Answer %(letter)s") % {"letter": letter}) for letter in letters]

    def scores(self) -> dict[str, int | None]:
        """Return the scores by letter; None where a slider is still unset."""
        return {letter: self.cleaned_data.get(f"score_{letter}") for letter in self.letters}

    def society(self) -> dict[str, int | None]:
        """Return the scores for everybody by letter, where the study asks for them."""
        asked = [letter for letter in self.letters if f"society_{letter}" in self.fields]
        return {letter: self.cleaned_data.get(f"society_{letter}") for letter in asked}


ATTRIBUTE_LABELS = {
    "values": _("It fitted my values or my culture"),
    "fluency": _("It was well written"),
    "factuality": _("It got its facts right"),
    "safety": _("It did no harm to me or to others"),
    "diversity": _("It laid out more than one point of view"),
    "creativity": _("It gave me new ideas"),
    "helpfulness": _("It was useful and kept to what I asked"),
}


class FeedbackForm(forms.Form):
    """How a conversation went. Everything may be left open, and each attribute may be said not to apply."""

    use_required_attribute = False
    open_text = forms.CharField(
        label=_("What would have made this conversation better?"), required=False, max_length=LONGEST_OPEN_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for block in ("performance", "choice"):
            for attribute in ATTRIBUTES:
                label = ATTRIBUTE_LABELS[attribute]
                self.fields[f"{block}_{attribute}"] = _slider(label, least=LEAST_SCORE, most=MOST_SCORE)
                self.fields[f"{block}_{attribute}_na"] = forms.BooleanField(label=_("Does not apply"), required=False)

    def block(self, name: str) -> list[BoundField]:
        """Return the fields of one block of sliders."""
        return [self[f"{name}_{attribute}"] for attribute in ATTRIBUTES]

    def performance(self) -> list[BoundField]:
        """Return the sliders about how the answer did."""
        return self.block("performance")

    def choice(self) -> list[BoundField]:
        """Return the sliders about why it was chosen."""
        return self.block("choice")

    def given(self, name: str) -> dict[str, int | None]:
        """Return one block by attribute: a number, None where it does not apply; what was left open is absent."""
        said: dict[str, int | None] = {}
        for attribute in ATTRIBUTES:
            value = self.cleaned_data.get(f"{name}_{attribute}")
            if self.cleaned_data.get(f"{name}_{attribute}_na"):
                said[attribute] = None
            elif value is not None:
                said[attribute] = value
        return said
