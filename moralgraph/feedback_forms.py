"""What participants send about a report: whether the card and its place are right, and what to look at again.

Rule: a card is named by its place among the person's own cards, never by an id.
"""

from django import forms
from django.utils.translation import gettext_lazy as _

from moralgraph.feedback import LONGEST_APPEAL, LONGEST_WHY
from moralgraph.models import CardVerification, PlaceVerification


class _AboutCardForm(forms.Form):
    """An answer about one of somebody's own cards, which is named by its place among them."""

    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Why?"), required=False, max_length=LONGEST_WHY, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"})
    )
    field_order = ("number", "answer", "why")


class CardForm(_AboutCardForm):
    """Whether a canonical card is the author's."""

    answer = forms.ChoiceField(
        label=_("Does this card say what yours says?"), choices=CardVerification.Answer.choices,
        widget=forms.RadioSelect, error_messages={"required": _("Please choose one of the three answers.")},
    )  # fmt: skip


class PlaceForm(_AboutCardForm):
    """Whether its place is fair."""

    answer = forms.ChoiceField(
        label=_("Is this a fair place for it?"), choices=PlaceVerification.Answer.choices,
        widget=forms.RadioSelect, error_messages={"required": _("Please choose one of the three answers.")},
    )  # fmt: skip


class AppealForm(forms.Form):
    """What the organizers should look at again."""

    words = forms.CharField(
        label=_("What should the organizers look at again?"), max_length=LONGEST_APPEAL,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("They read your words under your random number. Please leave out names and addresses."),
        error_messages={"required": _("Please write what the organizers should look at.")},
    )  # fmt: skip
