"""What a person says about answers and about a whole conversation, looked through before it is stored.

Rule: a score is a whole number from 1 to 100 that belongs to an answer on the page; nothing is filled in for anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from elicit.errors import WellspringError

ATTRIBUTES = ("values", "fluency", "factuality", "safety", "diversity", "creativity", "helpfulness")
LEAST_SCORE, MOST_SCORE = 1, 100
LONGEST_REASON = 1000  # characters

Scores = Mapping[str, int | None]
Handling = Mapping[str, Mapping[str, Any]]


class InvalidRating(WellspringError):
    """The rating cannot be stored as it is.

    `letters` are the answers whose score needs another look, `society` those whose score for everybody does.
    """

    def __init__(self, message: str, *, letters: Sequence[str] = (), society: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.letters = tuple(letters)
        self.society = tuple(society)


class TiedRating(InvalidRating):
    """Several answers share the highest score, and it was not said which goes on. `letters` are those."""


class InvalidFeedback(WellspringError):
    """The feedback cannot be stored as it is. `fields` are the attributes that need another look, by block."""

    def __init__(self, message: str, *, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.fields = tuple(fields)


@dataclass(frozen=True)
class Rating:
    """What a person said about the answers to one prompt, by letter, and which goes on when some are equal.

    `society` says how good each answer would be for everybody, where the study asks for that; `handling` how its
    sliders were set, as the browser tells.
    """

    scores: Scores
    chosen: str = ""
    all_bad: bool = False
    reason: str = ""
    society: Scores = field(default_factory=dict)
    handling: Handling = field(default_factory=dict)


@dataclass(frozen=True)
class Feedback:
    """What a person said about a whole conversation.

    By attribute 1 to 100, or None where it does not apply; an attribute that was left open is absent.
    """

    performance: Scores
    choice: Scores
    open_text: str = ""
    handling: Handling = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Which answer goes on, if any, and whether others shared its score."""

    chosen: str = ""
    was_tied: bool = False


def verdict_of(rating: Rating, letters: Sequence[str], *, with_society: bool) -> Verdict:
    """Return which of the answers on the page goes on: the highest score, and among equals the one that was chosen.

    Raises
    ------
    InvalidRating
        When a score is missing, out of range or of an answer that is not on the page, or no reason is given for calling
        all of them bad.
    TiedRating
        When several answers share the highest score and none of these was chosen.
    """
    _check_letters(rating, letters)
    _check_numbers(rating, letters, with_society=with_society)
    if rating.all_bad:
        if not rating.reason.strip():
            raise InvalidRating(_("Please say in a few words what is bad about all of them."))
        return Verdict()
    scores = {letter: rating.scores[letter] or 0 for letter in letters}
    best = [letter for letter, score in scores.items() if score == max(scores.values())]
    if len(best) == 1:
        return Verdict(best[0])
    if rating.chosen not in best:
        message = _("Your highest number stands at more than one answer. Please choose one of them.")
        raise TiedRating(message, letters=best)
    return Verdict(rating.chosen, was_tied=True)


def check_feedback(feedback: Feedback) -> None:
    """Look through the feedback.

    Raises
    ------
    InvalidFeedback
        When it names an unknown attribute or holds a number out of range.
    """
    blocks = {"performance": feedback.performance, "choice": feedback.choice}
    wrong = [
        (block, attribute)
        for block, scores in blocks.items()
        for attribute, score in scores.items()
        if attribute not in ATTRIBUTES or not (score is None or _is_score(score))
    ]
    if wrong:
        raise InvalidFeedback(_("Please give whole numbers from 1 to 100."), fields=wrong)


def _check_letters(rating: Rating, letters: Sequence[str]) -> None:
    named = {*rating.scores, *rating.society, *rating.handling, *([rating.chosen] if rating.chosen else [])}
    if not named <= set(letters):
        raise InvalidRating(_("Please rate the answers that stand on this page."))


def _check_numbers(rating: Rating, letters: Sequence[str], *, with_society: bool) -> None:
    asked = {"letters": rating.scores} | ({"society": rating.society} if with_society else {})
    for message, is_wrong in (
        (_("Please give whole numbers from 1 to 100."), lambda score: score is not None and not _is_score(score)),
        (
            _("Please rate every answer. Two may have the same number."),
            lambda score: score is None and not rating.all_bad,
        ),
    ):
        wrong = {name: [each for each in letters if is_wrong(given.get(each))] for name, given in asked.items()}
        if any(wrong.values()):
            raise InvalidRating(message, letters=wrong["letters"], society=wrong.get("society", ()))


def _is_score(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and LEAST_SCORE <= given <= MOST_SCORE
