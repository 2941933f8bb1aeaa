"""What organizers send about a report: its introduction, that it is public, why it is taken back, their answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moralgraph.models import Snapshot

LONGEST_WORDS = 4000
LONGEST_REASON = 600
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
