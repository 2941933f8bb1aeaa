"""What a participant may send, field by field. Whatever else is posted is ignored.

Rule: no form takes the id of a participant, interview or card; the server knows whose turn it is.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from elicit.interviews import LONGEST_MESSAGE
from elicit.models import ValuesCard
from elicit.study_files import QuestionDesign
from elicit.values_cards import (
    LONGEST_DESCRIPTION,
    LONGEST_POLICY,
    LONGEST_REASON,
    LONGEST_TITLE,
    MOST_POLICIES,
    Line,
)

FITS = (
    (4, _("Yes, that is it")),
    (3, _("Mostly")),
    (2, _("Partly")),
    (1, _("No, not really")),
)


class QuestionForm(forms.Form):
    """Which situation to talk about."""

    question = forms.ChoiceField(
        label=_("Choose the situation you would like to talk about"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )

    def __init__(self, *args: Any, questions: Sequence[QuestionDesign], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"].choices = [  # type: ignore[attr-defined]
            (question.key, question.title.for_language(language)) for question in questions
        ]


class TurnForm(forms.Form):
    """What every button of the interview sends: a key for this post, and the question that stood on the page."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    answering = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class AnswerForm(TurnForm):
    """One answer in the interview."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write something, or skip the question.")},
    )


class EditForm(TurnForm):
    """A change to the last message; `message` is its number."""

    message = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    text = forms.CharField(
        label=_("Change what you wrote"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write something. What you wrote before is still there.")},
    )


class CardForm(forms.Form):
    """A values card while it is edited; its lines are the fields `policy-0`, `policy-1` and so on."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    title = forms.CharField(label=_("Name"), max_length=LONGEST_TITLE, required=False)
    description = forms.CharField(
        label=_("In one sentence"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    fit = forms.TypedChoiceField(
        label=_("Does this card say what matters to you here?"),
        choices=FITS,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    fit_reason = forms.CharField(
        label=_("What does the card not say, or not say well?"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, card: ValuesCard, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card = card
        self.fields["revision"].initial = card.revision
        self.fields["title"].initial = card.title
        self.fields["description"].initial = card.description
        for index in range(self.line_count):
            self.fields[f"policy-{index}"] = forms.CharField(
                label=_("Line %(number)s") % {"number": index + 1},
                max_length=LONGEST_POLICY,
                required=False,
                initial=card.policies[index] if index < len(card.policies) else "",
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def line_count(self) -> int:
        """The lines of the card and an empty one, as long as there is room."""
        return min(len(self.card.policies) + 1, MOST_POLICIES)

    def lines(self) -> list[Line]:
        """Return the lines as they were sent, each with the place it had."""
        kept = len(self.card.policies)
        return [
            Line(self.cleaned_data[f"policy-{index}"], index if index < kept else None)
            for index in range(self.line_count)
        ]
