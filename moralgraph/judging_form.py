"""The form of the judgement page.

Rule: nothing is preselected in a new draw, the six hints are about equally long, and none says what a good answer is.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moralgraph.judgements import LONGEST_WHY, REASONS
from moralgraph.models import Judgement

Answer = Judgement.Answer

LABELS = {
    Answer.WISER: _("Wiser"),
    Answer.ABOUT_EQUAL: _("About equally wise"),
    Answer.LESS_WISE: _("Less wise"),
    Answer.BOTH_NEEDED: _("Both are needed"),
    Answer.DIFFERENT_CONCERNS: _("They are about different concerns"),
    Answer.CANNOT_JUDGE: _("I can't judge"),
}
HINTS = {
    Answer.WISER: _("I would sooner attend to the second here"),
    Answer.ABOUT_EQUAL: _("I would as soon attend to either one here"),
    Answer.LESS_WISE: _("I would sooner attend to the first here"),
    Answer.BOTH_NEEDED: _("I would attend to the two together here"),
    Answer.DIFFERENT_CONCERNS: _("I would not set these two side by side"),
    Answer.CANNOT_JUDGE: _("I would rather not answer about this one"),
}


class JudgementForm(forms.Form):
    """One answer of six, why, and the token of the draw."""

    use_required_attribute = False
    token = forms.CharField(max_length=80, widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Why?"), required=False, max_length=LONGEST_WHY, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Shown to the study team without your name."),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("What makes it hard to judge?"), choices=[*REASONS.items()], required=False, widget=forms.RadioSelect
    )

    def __init__(self, order: tuple[Judgement.Answer, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"] = forms.ChoiceField(
            label=_("Compared with the first, is attending to the second, in this situation, ..."),
            choices=[(answer.value, LABELS[answer]) for answer in order],
            widget=forms.RadioSelect,
            error_messages={"required": _("Please choose one of the six answers.")},
        )
        self.hints = {answer.value: HINTS[answer] for answer in order}
