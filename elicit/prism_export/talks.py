"""Which conversations a release holds, and how far each of them goes.

Rule: a conversation is released when it is finished, and as far as one answer was chosen in every exchange: PRISM has
no word for "all of them are bad", so a conversation ends before such an exchange, and is left out where that is the
first. An answer that could not be produced is not an answer.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from django.db.models import Exists, OuterRef
from numpy.typing import NDArray

from elicit.models import Conversation, Exchange, Study, Utterance
from elicit.prism.balance import balanced_subset
from elicit.prism.ids import first_interactions
from elicit.prism.schema import TYPES
from elicit.prism_export.asking import Asked
from elicit.prism_export.people import Chosen, chunks, in_order

FIRST_UNSHOWN = 100  # answers at and beyond this position failed, and nobody saw them
BALANCED = "included_in_balanced_subset"
KINDS = {kind: TYPES[place] for place, kind in enumerate(Conversation.Kind.values)}


@dataclass(frozen=True)
class Talk:
    """One conversation of the release: whose, of which type, how many of its turns, and what an import says of it."""

    pk: int
    person: int
    kind: str
    turns: int
    stored_flag: bool | None


@dataclass(frozen=True)
class Talks:
    """The conversations in the order of the release, with the numbers that follow from it."""

    talks: tuple[Talk, ...]
    first_interactions: NDArray[np.int64]
    balanced: NDArray[np.bool_]
    left_out: Counter[str] = field(default_factory=Counter)

    def count_by_person(self) -> Counter[int]:
        """Return how many conversations of each participant are here."""
        return Counter(talk.person for talk in self.talks)

    def balanced_people(self) -> frozenset[int]:
        """Return the participants with conversations in the balanced subset."""
        return frozenset(talk.person for talk, is_in in zip(self.talks, self.balanced, strict=True) if is_in)


def choose_talks(study: Study, chosen: Chosen, asked: Asked) -> Talks:
    """Return which conversations of the chosen people are released."""
    found: dict[int, Talk] = {}
    left_out: Counter[str] = Counter()
    for chunk in chunks(chosen.pks):
        found |= _of_people(chunk, left_out)
    talks = tuple(found[pk] for pk in in_order(list(found), asked, study=study, kind="conversation"))
    firsts = first_interactions([talk.turns for talk in talks])
    return Talks(talks, firsts, _balanced(talks), +left_out)


def _of_people(chunk: list[int], left_out: Counter[str]) -> dict[int, Talk]:
    turns = _turns(chunk, left_out)
    found = {}
    rows = Conversation.objects.filter(participant__in=chunk).order_by("pk")
    for pk, person, kind, state, imported in rows.values_list("pk", "participant", "kind", "state", "imported"):
        if state != Conversation.State.FINISHED:
            left_out["conversations that were not finished"] += 1
        elif not turns.get(pk):
            left_out["conversations in whose first exchange no answer was chosen"] += 1
        else:
            found[pk] = Talk(pk, person, kind, turns[pk], imported.get(BALANCED))
    return found


def _turns(chunk: list[int], left_out: Counter[str]) -> dict[int, int]:
    """Return how many exchanges of each conversation are released, from its first."""
    shown = Utterance.objects.filter(exchange=OuterRef("pk"), position__lt=FIRST_UNSHOWN)
    rows = Exchange.objects.filter(conversation__participant__in=chunk).annotate(
        has_chosen=Exists(shown.filter(is_chosen=True)), has_unrated=Exists(shown.filter(score=None))
    )
    listed = rows.order_by("conversation", "number").values_list(
        "conversation", "state", "all_bad", "has_chosen", "has_unrated"
    )
    turns: dict[int, int] = {}
    for conversation, exchanges in groupby(listed.iterator(chunk_size=5000), key=lambda row: row[0]):
        states = [
            state == Exchange.State.RATED and not bad and has_chosen and not unrated
            for _, state, bad, has_chosen, unrated in exchanges
        ]
        turns[conversation] = states.index(False) if False in states else len(states)
        left_out["exchanges in and after which no answer was chosen or not all were rated"] += (
            len(states) - turns[conversation]
        )
    return turns


def _balanced(talks: tuple[Talk, ...]) -> NDArray[np.bool_]:
    """Mark the balanced subset: as an import says it, where it still holds for a person; drawn anew for the others."""
    kinds = list(KINDS)
    drawn = balanced_subset([talk.person for talk in talks], [kinds.index(talk.kind) for talk in talks])
    by_person: dict[int, list[int]] = {}
    for place, talk in enumerate(talks):
        by_person.setdefault(talk.person, []).append(place)
    for places in by_person.values():
        stored = {place: talks[place].stored_flag for place in places}
        if None not in stored.values() and _is_even({place: bool(flag) for place, flag in stored.items()}, talks):
            for place, flag in stored.items():
                drawn[place] = bool(flag)
    return drawn


def _is_even(stored: Mapping[int, bool], talks: tuple[Talk, ...]) -> bool:
    """Say whether flags hold as many conversations of every type as there are of the rarest."""
    marked = Counter(talks[place].kind for place, flag in stored.items() if flag)
    there = Counter(talks[place].kind for place in stored)
    least = min(there[kind] for kind in KINDS)
    return all(marked[kind] == least for kind in KINDS)
