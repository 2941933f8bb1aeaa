"""The forms of the rated conversations.

Rule: no control starts with an answer.
"""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from elicit.conversations import LONGEST_OPEN_TEXT, LONGEST_PROMPT
from elicit.instruments import handling_of_fields
from elicit.models import Utterance
from elicit.rating import LEAST_SCORE, LONGEST_REASON, MOST_SCORE
from elicit.study_files import ConversationType


def _score(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=LEAST_SCORE, max_value=MOST_SCORE, required=False)


def _handling() -> forms.CharField:
    """Return the hidden field in which the page's script tells how the others were set; without it, it stays empty."""
    return forms.CharField(required=False, widget=forms.HiddenInput, strip=False)


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
    handling = _handling()
    all_bad = forms.BooleanField(label=_("None of these answers is any good"), required=False)
    reason = forms.CharField(label=_("What is bad about them?"), required=False, max_length=LONGEST_REASON)

    def __init__(self, utterances: list[Utterance], *args: Any, with_society: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letters = [utterance.letter for utterance in utterances]
        for letter in self.letters:
            words = _("For you: answer %(letter)s") if with_society else _("Your rating of answer %(letter)s")
            self.fields[f"score_{letter}"] = _score(words % {"letter": letter})
            if with_society:
                words = _("For everybody: answer %(letter)s")
                self.fields[f"society_{letter}"] = _score(words % {"letter": letter})
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

    def handled(self) -> dict[str, dict[str, Any]]:
        """Return by letter how its slider was set, as the browser tells."""
        told = handling_of_fields(self.cleaned_data["handling"], [f"score_{letter}" for letter in self.letters])
        return {name.removeprefix("score_"): record for name, record in told.items()}

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
BLOCKS = ("performance", "choice")


class FeedbackForm(forms.Form):
    """How a conversation went. Everything may be left open, and each attribute may be said not to apply."""

    use_required_attribute = False
    open_text = forms.CharField(
        label=_("What would have made this conversation better?"), required=False, max_length=LONGEST_OPEN_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    handling = _handling()

    def __init__(self, order: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = tuple(order)
        for block in BLOCKS:
            for attribute in self.order:
                label = ATTRIBUTE_LABELS[attribute]
                self.fields[f"{block}_{attribute}"] = _score(label)
                self.fields[f"{block}_{attribute}_na"] = forms.BooleanField(label=_("Does not apply"), required=False)

    def block(self, name: str) -> list[tuple[BoundField, BoundField]]:
        """Return one block in its order: each slider with the box that says it does not apply."""
        return [(self[f"{name}_{attribute}"], self[f"{name}_{attribute}_na"]) for attribute in self.order]

    def performance(self) -> list[tuple[BoundField, BoundField]]:
        """Return the sliders about how the conversation went."""
        return self.block("performance")

    def choice(self) -> list[tuple[BoundField, BoundField]]:
        """Return the sliders about what counted in the choice."""
        return self.block("choice")

    def handled(self) -> dict[str, dict[str, Any]]:
        """Return by slider how it was set, as the browser tells."""
        names = [f"{block}_{attribute}" for block in BLOCKS for attribute in self.order]
        return handling_of_fields(self.cleaned_data["handling"], names)

    def given(self, name: str) -> dict[str, int | None]:
        """Return one block by attribute: a number, None where it does not apply; what was left open is absent."""
        said: dict[str, int | None] = {}
        for attribute in self.order:
            value = self.cleaned_data.get(f"{name}_{attribute}")
            if self.cleaned_data.get(f"{name}_{attribute}_na"):
                said[attribute] = None
            elif value is not None:
                said[attribute] = value
        return said
