"""The form of the judgement page.

Rule: nothing is preselected in a new draw, the six hints are about equally long, and none says what a good answer is.
The card where reading starts is A and the other is B, whichever of the two is asked about.
"""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moralgraph.judgements import LONGEST_WHY
from moralgraph.models import Judgement

Answer = Judgement.Answer
Side = Judgement.Side

LABELS = {
    Answer.WISER: _("Wiser"),
    Answer.ABOUT_EQUAL: _("About equally wise"),
    Answer.LESS_WISE: _("Less wise"),
    Answer.BOTH_NEEDED: _("Both are needed"),
    Answer.DIFFERENT_CONCERNS: _("They are about different concerns"),
    Answer.CANNOT_JUDGE: _("I can't judge"),
}
ATTEND_TO_A = _("I would sooner attend to A here")
ATTEND_TO_B = _("I would sooner attend to B here")
HINTS: dict[str, dict[Answer, str | Promise]] = {
    Side.START: {Answer.WISER: ATTEND_TO_B, Answer.LESS_WISE: ATTEND_TO_A},
    Side.END: {Answer.WISER: ATTEND_TO_A, Answer.LESS_WISE: ATTEND_TO_B},
}
OTHER_HINTS: dict[Answer, str | Promise] = {
    Answer.ABOUT_EQUAL: _("I would as soon attend to either one here"),
    Answer.BOTH_NEEDED: _("I would attend to the two together here"),
    Answer.DIFFERENT_CONCERNS: _("I would not set these two side by side"),
    Answer.CANNOT_JUDGE: _("I would rather not answer about this one"),
}
QUESTIONS = {
    Side.START: _("Compared with A, is attending to B, in this situation, ..."),
    Side.END: _("Compared with B, is attending to A, in this situation, ..."),
}
A_UNCLEAR, B_UNCLEAR = _("I don't understand A"), _("I don't understand B")
UNCLEAR = {Side.START: (A_UNCLEAR, B_UNCLEAR), Side.END: (B_UNCLEAR, A_UNCLEAR)}


def reasons(side: str) -> list[tuple[str, str | Promise]]:
    """Return why somebody may be unable to judge, A first, each with the name under which it is stored."""
    first, second = UNCLEAR[Side(side)]
    cards: list[tuple[str, str | Promise]] = [("first_unclear", first), ("second_unclear", second)]
    return [
        *(cards if side == Side.START else cards[::-1]),
        ("story_unclear", _("I don't understand the illustration")),
        ("same", _("The two cards say the same")),
        ("not_my_situation", _("I don't know this situation")),
    ]


class JudgementForm(forms.Form):
    """One answer of six, why, and the token of the draw."""

    use_required_attribute = False
    token = forms.CharField(max_length=80, widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Why?"), required=False, max_length=LONGEST_WHY, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Shown to the study team without your name."),
    )  # fmt: skip

    def __init__(self, order: tuple[Judgement.Answer, ...], side: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        side = Side(side or Side.START)
        self.fields["answer"] = forms.ChoiceField(
            label=QUESTIONS[side],
            choices=[(answer.value, LABELS[answer]) for answer in order],
            widget=forms.RadioSelect,
            error_messages={"required": _("Please choose one of the six answers.")},
        )
        self.fields["reason"] = forms.ChoiceField(
            label=_("What makes it hard to judge?"), choices=reasons(side), required=False, widget=forms.RadioSelect
        )
        hints = {**HINTS[side], **OTHER_HINTS}
        self.hints = {answer.value: hints[answer] for answer in order}
