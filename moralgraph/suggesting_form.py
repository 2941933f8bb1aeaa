"""The form in which a participant names a wiser value.

Rule: a card is chosen by its place among those on the page; nothing is chosen beforehand.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from elicit.models import ValuesCard
from elicit.values_cards import LONGEST_TITLE
from moralgraph.models import CanonicalValuesCard, Judgement
from moralgraph.suggestions import LONGEST_WHY, SuggestedValue

NEW = "new"
LONGEST_LINES = 2400  # characters: seven lines of the longest kind, and their breaks


class SuggestionForm(forms.Form):
    """Which card it is wiser than, one of the person's own cards or a new one, and why."""

    use_required_attribute = False
    above = forms.ChoiceField(
        label=_("Which of the two is it wiser than?"), widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the two.")},
    )  # fmt: skip
    which = forms.ChoiceField(
        label=_("What is wiser here?"), widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )  # fmt: skip
    title = forms.CharField(label=_("Its name"), max_length=LONGEST_TITLE, required=False)
    lines = forms.CharField(
        label=_("What one attends to"), max_length=LONGEST_LINES, required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("3 to 7 lines, one for each thing. Please leave out names and places."),
    )  # fmt: skip
    why = forms.CharField(
        label=_("Why is it wiser?"), max_length=LONGEST_WHY, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown to the study team without your name."),
    )  # fmt: skip

    def __init__(self, judgement: Judgement, own: Sequence[ValuesCard], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pair = [judgement.first, judgement.second]
        self.shown = pair[::-1] if judgement.first_side == Judgement.Side.END else pair
        self.own = list(own)
        self.fields["above"].choices = [  # type: ignore[attr-defined]
            (letter, f"{letter.upper()}: {card.title}") for letter, card in zip("ab", self.shown, strict=True)
        ]
        cards = [(str(place), _own(card)) for place, card in enumerate(self.own)]
        self.fields["which"].choices = [*cards, (NEW, _("Another value, which I write down"))]  # type: ignore[attr-defined]
        if not self.own:
            self.fields["which"].widget = forms.HiddenInput()
            self.fields["which"].initial = NEW
            self.fields["title"].required = self.fields["lines"].required = True

    def above_card(self) -> CanonicalValuesCard:
        """Return the card above which the value is set."""
        return self.shown["ab".index(self.cleaned_data["above"])]

    def value(self) -> SuggestedValue | ValuesCard:
        """Return the own card that was chosen, or the words that were written."""
        which = self.cleaned_data["which"]
        if which != NEW:
            return self.own[int(which)]
        return SuggestedValue(self.cleaned_data["title"], self.cleaned_data["lines"].splitlines())


def _own(card: ValuesCard) -> str:
    return str(_("My card: %(title)s") % {"title": card.title})
