"""Read a values card with an editor's eye.

Rule: a warning explains and never blocks. The author may keep every word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from elicit.guided.drafting import FEWEST, LONGEST_TITLE, MOST, has_plural_head
from elicit.guided.engine import find_word
from elicit.guided.script import Words, words_for

LONGEST_LINE = 25  # words; the study of 2023 had 29 at most, 9 in the middle
OPENING = 6  # words; a "must" further on is mostly about somebody else's
GOALS = ("in order to", "make sure", "succeed", "achieve", "get them to", "ensure")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
LINK = re.compile(r"https?://|www\.|(?<!\w)@\w{3,}")
PHONE = re.compile(r"(?<!\w)\+?\d[\d\s()/.-]{6,}\d(?!\w)")


class CardText(Protocol):
    """Anything with the words of a card."""

    @property
    def title(self) -> str:
        """The name of the card."""

    @property
    def description(self) -> str:
        """The sentence under it."""

    @property
    def policies(self) -> Sequence[str]:
        """What is attended to."""


@dataclass(frozen=True)
class CardWarning:
    """Something the author may want to look at. `line` is the place of the policy (from 0), if it is about one."""

    code: str
    field: str
    text: str
    line: int | None = None


def check_card(card: CardText, *, language: str = "en") -> list[CardWarning]:
    """Return what the author may want to look at again.

    Examples
    --------
    >>> from elicit.guided.drafting import CardDraft
    >>> card = CardDraft("Being there", "I stay near.", ("Signs that they are tired",), ())
    >>> [warning.code for warning in check_card(card)]
    ['too_few']
    """
    words = words_for(language)
    found = [*_counts(card), *_title(card), *_description(card)]
    for line, policy in enumerate(card.policies):
        found += [CardWarning(code, "policies", text, line) for code, text in _policy(policy, words)]
    return found + list(_repeated(card.policies))


def _counts(card: CardText) -> Iterator[CardWarning]:
    count = len(card.policies)
    if count < FEWEST:
        text = f"There are {count} lines. With at least {FEWEST} it is easier to see what you mean."
        yield CardWarning("too_few", "policies", text)
    if count > MOST:
        text = f"There are {count} lines. With at most {MOST} the ones that matter most stand out."
        yield CardWarning("too_many", "policies", text)


def _title(card: CardText) -> Iterator[CardWarning]:
    if not 1 <= len(card.title.split()) <= LONGEST_TITLE:
        yield CardWarning("title_length", "title", "A name of two to five words is easiest to remember.")
    yield from _personal(card.title, "title")


def _description(card: CardText) -> Iterator[CardWarning]:
    if not card.description.strip():
        yield CardWarning(
            "no_description", "description", "One sentence about you helps others to understand the lines."
        )
    yield from _personal(card.description, "description")


def _personal(text: str, field: str) -> Iterator[CardWarning]:
    if EMAIL.search(text) or LINK.search(text) or PHONE.search(text):
        advice = "This looks like an address, a number or a link. Please take out anything that shows who somebody is."
        yield CardWarning("personal_data", field, advice)


def _policy(policy: str, words: Words) -> Iterator[tuple[str, str]]:
    opening = " ".join(re.sub(r"[\"“][^\"”]*[\"”]", "", policy).split()[:OPENING])
    rule = find_word(opening, words.signals["rule"])
    if rule:
        advice = "What would one look out for, if nobody had to be told?"
        yield "rule", f'"{rule}" sounds like a rule for everyone. {advice}'
    goal = find_word(policy, GOALS)
    if goal:
        yield "goal", f'"{goal}" sounds like a result to reach. What would one pay attention to on the way?'
    if not has_plural_head(policy, words.drafting):
        yield (
            "form",
            'Lines are easiest to compare when they begin with things one can see: "Signs that", "Moments when".',
        )
    if len(policy.split()) > LONGEST_LINE:
        yield "long", "This line is long. Could it be two?"
    for warning in _personal(policy, "policies"):
        yield warning.code, warning.text


def _repeated(policies: Sequence[str]) -> Iterator[CardWarning]:
    seen: set[frozenset[str]] = set()
    for line, policy in enumerate(policies):
        words = frozenset(re.findall(r"\w+", policy.casefold()))
        if words in seen:
            yield CardWarning("repeated", "policies", "This line says the same as an earlier one.", line)
        seen.add(words)
