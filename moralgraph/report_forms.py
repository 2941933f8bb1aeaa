"""What people send about a report: organizers its introduction, participants their answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moralgraph.models import CardVerification, PlaceVerification, Snapshot

LONGEST_WORDS = 4000
LONGEST_REASON = 600
LONGEST_WHY = 2000
NEWEST = ""


class DraftForm(forms.Form):
    """From which graph a report is drafted, and what stands in front of it."""

    snapshot = forms.ChoiceField(label=_("The graph"), required=False)
    introduction = forms.CharField(
        label=_("Introduction"), required=False, max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        help_text=_("In your own words: who you are, why you asked, what happens with the answers."),
    )  # fmt: skip

    def __init__(self, *args: Any, snapshots: list[Snapshot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [
            (str(each.number), _("Snapshot %(number)s, %(method)s") % {
                "number": each.number, "method": each.get_method_display()})
            for each in snapshots
        ]  # fmt: skip
        self.fields["snapshot"].choices = [(NEWEST, _("Build one now from all answers")), *known]  # type: ignore[attr-defined]


class PublishForm(forms.Form):
    """That somebody has read what will be public."""

    confirm = forms.BooleanField(
        label=_("I have read this report, and everybody may read it from now on."),
        error_messages={"required": _("Please confirm that you have read it.")},
    )


class WithdrawReportForm(forms.Form):
    """Why a report is taken back."""

    reason = forms.CharField(
        label=_("Why it is taken back"), max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Readers find this sentence at the report's address."),
    )  # fmt: skip


class AppealAnswerForm(forms.Form):
    """What an organizer answers."""

    answer = forms.CharField(
        label=_("Your answer"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("The person reads it on their personal link. Do not repeat what could show who they are."),
    )  # fmt: skip


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
        label=_("What should the organizers look at again?"), max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("They read your words under your random number. Please leave out names and addresses."),
        error_messages={"required": _("Please write what the organizers should look at.")},
    )  # fmt: skip
