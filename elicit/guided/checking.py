"""Read a values card with an editor's eye.

Rule: a warning explains and never blocks. The author may keep every word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from elicit.guided.drafting import FEWEST, LONGEST_TITLE, MOST
from elicit.guided.policies import opens_well
from elicit.guided.privacy import address_in, known_name_in, name_in
from elicit.guided.script import Words, words_for
from elicit.guided.wording import fold, spelled, without_quotations

LONGEST_LINE = 25  # words; the study of 2023 had 29 at most, 9 in the middle
OPENING = 6  # words; a "must" further on is mostly about somebody else's
FORMS = ("goal", "rule", "norm", "ideology")


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
    found = [*_counts(card, words), *_title(card, words), *_description(card, words)]
    for line, policy in enumerate(card.policies):
        found += [_warning(words, code, "policies", line=line, word=word) for code, word in _policy(policy, words)]
    return found + list(_repeated(card.policies, words))


def _warning(words: Words, code: str, field: str, *, line: int | None = None, **gaps: object) -> CardWarning:
    text = str(getattr(words.advice.warnings, code))
    for gap, value in gaps.items():
        text = text.replace(f"{{{gap}}}", str(value))
    return CardWarning(code, field, text, line)


def _counts(card: CardText, words: Words) -> Iterator[CardWarning]:
    count = len(card.policies)
    if count < FEWEST:
        yield _warning(words, "too_few", "policies", count=count, fewest=FEWEST)
    if count > MOST:
        yield _warning(words, "too_many", "policies", count=count, most=MOST)


def _title(card: CardText, words: Words) -> Iterator[CardWarning]:
    if not 1 <= len(card.title.split()) <= LONGEST_TITLE:
        yield _warning(words, "title_length", "title")
    found = {"personal_data": address_in(card.title, words), "name": known_name_in(card.title, words)}
    yield from (_warning(words, code, "title", word=word) for code, word in found.items() if word)


def _description(card: CardText, words: Words) -> Iterator[CardWarning]:
    if not card.description.strip():
        yield _warning(words, "no_description", "description")
    for code, word in _personal(card.description, words):
        yield _warning(words, code, "description", word=word)


def _personal(text: str, words: Words) -> Iterator[tuple[str, str]]:
    found = {"personal_data": address_in(text, words), "name": name_in(text, words)}
    yield from ((code, word) for code, word in found.items() if word)


def _policy(policy: str, words: Words) -> Iterator[tuple[str, str]]:
    """Yield each code that speaks of this line, with the word that it is about."""
    own = without_quotations(policy)
    heard = {code: spelled(own, getattr(words.advice, code), words.spelling) for code in FORMS}
    heard["rule"] = spelled(" ".join(own.split()[:OPENING]), words.advice.rule, words.spelling)
    yield from ((code, word) for code, word in heard.items() if word)
    yield from _big_words(own, words)
    if not opens_well(policy, words.drafting):
        yield "form", ""
    if len(policy.split()) > LONGEST_LINE:
        yield "long", ""
    yield from _personal(policy, words)


def _big_words(own: str, words: Words) -> Iterator[tuple[str, str]]:
    """Find a slogan or a feeling that is all that the line says."""
    for code, listed in (("slogan", words.slogans), ("feeling", words.advice.feeling)):
        word = spelled(own, listed, words.spelling)
        rest = fold(own, words.spelling).replace(fold(word, words.spelling), " ") if word else own
        spoken = re.findall(r"[^\W_]+(?:'[^\W_]+)?", rest)
        small = {*words.drafting.stop_words, *words.advice.feels, *listed}
        if word and len(own.split()) <= words.advice.slogan_most and all(other in small for other in spoken):
            yield code, word


def _repeated(policies: Sequence[str], words: Words) -> Iterator[CardWarning]:
    seen: set[frozenset[str]] = set()
    for line, policy in enumerate(policies):
        spoken = frozenset(re.findall(r"\w+", policy.casefold()))
        if spoken in seen:
            yield _warning(words, "repeated", "policies", line=line)
        seen.add(spoken)
