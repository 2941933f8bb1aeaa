"""Signals of quality, person by person: a reason to look at somebody's answers, and never more.

Rule: a flag decides neither payment nor exclusion, and flags are never added up to a score. Only members who read what
people wrote see it, so that there is no floor here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from elicit.analysis.quality import Code, Signal
from elicit.models import Study
from elicit.results.quality_signals import Signals, signals_of
from elicit.results.remembering import remembered
from elicit.results.who_counts import who_counts


@dataclass(frozen=True)
class Flag:
    """One signal that flags one person: `about` names the item or text, empty where it is the whole study."""

    about: str
    signal: Signal
    place: int

    def said(self) -> str:
        """Return the sentence with the number and its limit."""
        return self.signal.said(self.place)


@dataclass(frozen=True)
class Flagged:
    """A person with every signal that flags them, and how often they preferred not to say."""

    code: str
    flags: tuple[Flag, ...]
    not_said: int


@dataclass(frozen=True)
class Quality:
    """Who is flagged, in the order in which they joined, and how many people each signal flags of how many it looks at.

    `counts` leaves out signals that look at nobody.
    """

    people: int
    flagged: tuple[Flagged, ...]
    counts: tuple[tuple[Code, int, int], ...]
    not_said: int


def quality_of(study: Study, origin: str) -> Quality:
    """Return the signals of the people of one origin; the same answers are not looked at twice."""
    found = remembered(study, origin, "quality", lambda: signals_of(study, origin))
    return report(found, codes_of(study, origin))


def codes_of(study: Study, origin: str) -> dict[int, str]:
    """Return the code of everybody who counts now; what is remembered holds none, as it may outlive somebody's stay."""
    return dict(who_counts(study, origin).values_list("pk", "code"))


def report(found: Signals, codes: Mapping[int, str]) -> Quality:
    """Return the flagged people of some signals, of those who have a code."""
    refusals = found.not_said.value.astype(int).tolist()
    flagged = tuple(
        Flagged(codes[person], flags, refusals[place])
        for place, person in enumerate(found.people)
        if person in codes and (flags := tuple(_flags(found, place)))
    )
    return Quality(len(found.people), flagged, tuple(_counts(found)), sum(count > 0 for count in refusals))


def _flags(found: Signals, place: int) -> Iterator[Flag]:
    for about, signal in found.signals:
        if signal.is_flagged[place]:
            yield Flag(about, signal, place)


def _counts(found: Signals) -> Iterator[tuple[Code, int, int]]:
    for code in Code:
        of_code = [signal for _about, signal in found.signals if signal.code == code]
        if of_code and (looked_at := int(np.any([~np.isnan(one.value) for one in of_code], axis=0).sum())):
            yield code, int(np.any([one.is_flagged for one in of_code], axis=0).sum()), looked_at
