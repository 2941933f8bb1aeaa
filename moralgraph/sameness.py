"""Ask a model by five tests whether two cards are one value, and keep what it answers.

Rule: "different" and "could not ask" are different outcomes; the second is asked again and joins nothing. A verdict is
kept under the hashes of the two cards' words, never for words that are gone, and only where the server names models for
the purpose "sameness" itself. Previews are shown to no model.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field

from elicit.errors import LLMError
from elicit.llm.configuration import NoModel, models_for
from elicit.llm.gateway import CallContext, Told, complete_with_source
from elicit.llm.metering import CallRefused
from elicit.llm.prompts import prompt_hash
from elicit.models import Participant, Study, ValuesCard
from moralgraph.algorithms.partition import Pair
from moralgraph.models import CanonicalValuesCard, SamenessVerdict

log = logging.getLogger(__name__)

PURPOSE = "sameness"
PROMPT = "card_sameness"
MOST_FAILURES_IN_A_ROW = 3  # after so many, whoever answers is taken to be down, and the rest is asked another time
LONGEST_REASON = 600

Outcome = SamenessVerdict.Outcome


class Sameness(BaseModel):
    """What a model answers: the strongest reason to keep two cards apart, then the five tests."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason_to_split: str = Field(max_length=LONGEST_REASON)
    captures_all: bool
    same_attention: bool
    serves_both: bool
    is_oversight: bool
    same_grain: bool

    @property
    def tests(self) -> dict[str, bool]:
        """The five tests by name."""
        return self.model_dump(exclude={"reason_to_split"})

    @property
    def is_same(self) -> bool:
        """Whether all five hold."""
        return all(self.tests.values())


@dataclass(frozen=True)
class Compared:
    """Words that are compared, under their hash, with the keys of the cards that say them."""

    key: str
    title: str
    policies: tuple[str, ...]
    cards: tuple[int, ...] = ()
    canonicals: tuple[int, ...] = ()


def is_wanted() -> bool:
    """Say whether models are named for this purpose; those of the interview do not stand in for them."""
    return bool(settings.LLM_PURPOSES.get(PURPOSE))


def settled_pairs(study: Study) -> set[Pair]:
    """Return the pairs that a model has answered about, by the tests as they are worded now."""
    rows = SamenessVerdict.objects.of_study(study).filter(prompt_hash=prompt_hash(PROMPT))
    return set(rows.exclude(outcome=Outcome.COULD_NOT_ASK).values_list("first_hash", "second_hash"))


def verdicts_of(study: Study, *, among: Iterable[str]) -> dict[Pair, str]:
    """Return the outcome by pair, of pairs whose words are both there."""
    known = set(among)
    rows = SamenessVerdict.objects.of_study(study).order_by("first_hash", "second_hash")
    found = rows.values_list("first_hash", "second_hash", "outcome")
    return {(first, second): outcome for first, second, outcome in found if {first, second} <= known}


def ask_all(
    study: Study,
    pairs: Sequence[Pair],
    words: Mapping[str, Compared],
    *,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Ask about each pair. Where no model can be asked at all, the rest is written down as not asked."""
    failed = 0
    for done, (first, second) in enumerate(pairs):
        if progress is not None:
            progress(done, len(pairs))
        if failed >= MOST_FAILURES_IN_A_ROW:
            _keep(study, words[first], words[second], told=None, now=now)
            continue
        outcome, is_over = _ask(study, words[first], words[second], now=now)
        failed = MOST_FAILURES_IN_A_ROW if is_over else failed + 1 if outcome == Outcome.COULD_NOT_ASK else 0


def ask(study: Study, first: Compared, second: Compared, *, now: datetime) -> str:
    """Ask about one pair and return the outcome."""
    return _ask(study, first, second, now=now)[0]


def _ask(study: Study, first: Compared, second: Compared, *, now: datetime) -> tuple[str, bool]:
    """Return the outcome, and whether asking on is of no use: the budget is used up, or there is no model."""
    cards = [{"title": each.title, "policies": list(each.policies)} for each in (first, second)]
    call = CallContext(study, PURPOSE, seed=f"{PROMPT}:{first.key}:{second.key}")
    told: Told[Sameness] | None = None
    is_over = False
    try:
        told = complete_with_source(
            PROMPT, {"cards": cards}, reply=Sameness, call=call, model_names=models_for(PURPOSE)
        )
    except LLMError as error:
        log.warning("Whether two cards are one value could not be asked (%s).", type(error).__name__)
        is_over = isinstance(error, CallRefused | NoModel)
    return _keep(study, first, second, told=told, now=now), is_over


@transaction.atomic
def _keep(study: Study, first: Compared, second: Compared, *, told: Told[Sameness] | None, now: datetime) -> str:
    """Write the outcome down, unless an author took their words back meanwhile."""
    outcome = Outcome.COULD_NOT_ASK
    if told is not None:
        outcome = Outcome.SAME if told.value.is_same else Outcome.DIFFERENT
    authors = ValuesCard.objects.filter(pk__in=(*first.cards, *second.cards)).values("participant")
    list(Participant.objects.select_for_update().filter(pk__in=authors).order_by("pk"))
    low, high = sorted((first.key, second.key))
    if _is_there(first) and _is_there(second):
        values = {
            "outcome": outcome,
            "tests": told.value.tests if told else {},
            "model_name": told.model_name if told else "",
            "prompt_hash": told.prompt_hash if told else "",
            "asked_at": now,
        }
        SamenessVerdict.objects.update_or_create(study=study, first_hash=low, second_hash=high, defaults=values)
    return outcome.value


def _is_there(words: Compared) -> bool:
    nobodys = CanonicalValuesCard.objects.filter(pk__in=words.canonicals, worded_by=None).exclude(policies=[])
    return ValuesCard.objects.filter(pk__in=words.cards).exists() or nobodys.exists()
