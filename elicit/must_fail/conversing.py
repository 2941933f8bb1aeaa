"""What must be refused in rated conversations.

Rule: as in `elicit.must_fail.cases`. Answers are stored by the verb that the worker uses, so that no case waits.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from elicit.answering import Outcome, store
from elicit.guided.answerers import OFFLINE_MODELS
from elicit.models import Conversation, ConversationFeedback, Exchange
from elicit.must_fail.probing import NotTried, Probe, Visitor
from elicit.simulation.pages import form_with

GOOD_RATING = {
    "turn": "1.1",
    **{f"{about}_{letter}": str(10 + place) for about in ("score", "society") for place, letter in enumerate("ABCD")},
}
TIED_RATING = {**GOOD_RATING, "score_A": "90", "score_B": "90"}


@dataclass(frozen=True)
class Rater:
    """Somebody in a rated conversation."""

    visitor: Visitor
    exchange: Exchange
    token: str

    def send(self, page: str, **fields: str) -> None:
        """Post fields to one of the conversation's addresses, as any program could."""
        sent = {"csrfmiddlewaretoken": self.token, **fields}
        self.visitor.post(f"{self.visitor.address('conversations')}{page}/", sent)

    @property
    def is_rated(self) -> bool:
        """Whether the site took a rating."""
        return Exchange.objects.get(pk=self.exchange.pk).state == Exchange.State.RATED


def _at_the_opening(probe: Probe) -> Visitor:
    """Return somebody who sees the prompt that their conversation opens with."""
    visitor = probe.consenting(probe.rated)
    visitor.get(visitor.address("conversations"))
    if "kind" not in form_with(visitor.page.html, "key").values:
        raise NotTried(f"The conversation did not open: {visitor.page.path} answered {visitor.page.status}.")
    return visitor


def _waiting(probe: Probe) -> Rater:
    """Return somebody whose prompt is being answered."""
    visitor = _at_the_opening(probe)
    opening = form_with(visitor.page.html, "key").filled({})
    visitor.post(f"{visitor.address('conversations')}begin/", opening)
    exchange = Exchange.objects.filter(conversation__participant=visitor.participant).first()
    if exchange is None:
        raise NotTried(f"The prompt was not taken: {visitor.page.path} answered {visitor.page.status}.")
    return Rater(visitor, exchange, opening["csrfmiddlewaretoken"][0])


def _rating(probe: Probe) -> Rater:
    """Return somebody who has four answers to rate."""
    rater = _waiting(probe)
    answers = [
        Outcome(name, 1.0, text=f"Words number {place}.", place=place) for place, name in enumerate(OFFLINE_MODELS)
    ]
    store(rater.exchange, answers)
    rater.visitor.get(rater.visitor.address("conversations"))
    return rater


def foreign_rating(probe: Probe) -> str:
    """Rate somebody else's answers by naming their exchange."""
    owner, other = _rating(probe), _rating(probe)
    other.send("rate", **GOOD_RATING, exchange=str(owner.exchange.pk), conversation=str(owner.exchange.conversation_id))
    return "somebody's answers were rated by another" if owner.is_rated else ""


def score_out_of_range(probe: Probe) -> str:
    """Give 0, 101, a fraction and a word."""
    rater = _rating(probe)
    for name, score in (("score_A", "0"), ("score_B", "101"), ("society_A", "0"), ("score_C", "7.5"), ("score_D", "x")):
        rater.send("rate", **{**GOOD_RATING, name: score})
        if rater.is_rated:
            return f"{name}={score} was kept"
    return ""


def rating_with_a_gap(probe: Probe) -> str:
    """Leave one score out."""
    rater = _rating(probe)
    for name in ("score_C", "society_C"):
        rater.send("rate", **{key: value for key, value in GOOD_RATING.items() if key != name})
    return "a rating without all of its scores was kept" if rater.is_rated else ""


def unseen_letter(probe: Probe) -> str:
    """Choose, in a tie, an answer that was never shown or that shares nothing."""
    rater = _rating(probe)
    for letter in ("E", "Z", "D", "1"):
        rater.send("rate", **TIED_RATING, chosen=letter)
        if rater.is_rated:
            return f"{letter} was chosen"
    return ""


def rating_before_the_answers(probe: Probe) -> str:
    """Rate answers that are still being written."""
    rater = _waiting(probe)
    rater.send("rate", **GOOD_RATING)
    return "a rating was kept before there were answers" if rater.is_rated else ""


def rating_twice(probe: Probe) -> str:
    """Rate again, otherwise, what is rated."""
    rater = _rating(probe)
    rater.send("rate", **GOOD_RATING)
    if not rater.is_rated:
        raise NotTried(f"The rating was not taken: {rater.visitor.page.path} answered {rater.visitor.page.status}.")
    rater.send("rate", **{**GOOD_RATING, "score_A": "99"})
    return "a second rating replaced the first" if rater.exchange.utterances.filter(score=99).exists() else ""


def forged_anchor(probe: Probe) -> str:
    """Open a conversation that the study opens with words, a type and a key of one's own."""
    visitor = _at_the_opening(probe)
    forged = {"kind": "unguided", "prompt": "My own words", "key": "forged", "anchor": "another"}
    visitor.post(f"{visitor.address('conversations')}begin/", forged)
    mine = Conversation.objects.filter(participant=visitor.participant)
    is_forged = mine.exclude(anchor="day").exists() or mine.filter(exchanges__prompt="My own words").exists()
    return "a conversation opened with forged words" if is_forged else ""


def ending_before_the_rating(probe: Probe) -> str:
    """End a conversation whose answers are not rated."""
    rater = _rating(probe)
    rater.send("end", open_text="Enough.")
    return "a conversation ended unrated" if _feedback(rater).exists() else ""


def feedback_out_of_range(probe: Probe) -> str:
    """Give 101 to an attribute."""
    rater = _rating(probe)
    rater.send("rate", **GOOD_RATING)
    rater.send("end", performance_values="101", choice_values="0")
    return "feedback out of range was kept" if _feedback(rater).exists() else ""


def model_named_before_the_rating(probe: Probe) -> str:
    """Look for a model's name in every page up to the rating, and in what one may take home."""
    rater = _rating(probe)
    seen = rater.visitor.page.html
    for path in (rater.visitor.address("conversations"), f"/study/{rater.visitor.slug}/my-data/"):
        seen += rater.visitor.get(path).html
    named = [name for name in OFFLINE_MODELS if name in seen]
    return f"{named} could be read before the rating" if named else ""


def _feedback(rater: Rater) -> "QuerySet[ConversationFeedback]":
    return ConversationFeedback.objects.filter(conversation=rater.exchange.conversation_id)


RATED_CASES: tuple[Callable[[Probe], str], ...] = (
    foreign_rating, score_out_of_range, rating_with_a_gap, unseen_letter, rating_before_the_answers, rating_twice,
    forged_anchor, ending_before_the_rating, feedback_out_of_range, model_named_before_the_rating,
)  # fmt: skip
