"""Find words, sentences and quotes in what a person wrote.

Rule: whatever is given back is cut from the person's own characters, at the borders of words, never changed.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from elicit.guided.script import Spelling, Words

SAME_LETTERS = {"’": "'", "‘": "'"}
LONGEST_QUOTE = 14  # words of the person's own that are given back
SHORTEST_QUOTE = 3  # words of a whole sentence; fewer are seldom a thought
SHORTEST_CLAUSE = 5  # words of a piece of a sentence
MOST_SENTENCES = 150  # of one answer that are read; the longest seen had forty
FEWEST_FOUND = 2  # words of a model's quote; a single word proves nothing
WHOLE = r"(?!)"  # never matches: the sentence as it is
UNQUOTABLE = '"“”„«»{}[]()<>|`*_\\/@#\n'  # quotation marks, brackets, and what belongs to links and markup
QUOTED = re.compile(r"[\"“„«][^\"“”„«»\n]*[\"”“»]")


@dataclass(frozen=True)
class Span:
    """A piece of a text: `text[start:end]` is `quote`."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Evidence:
    """Words of the person's own: in their answer number `answer` (from 0), `text[start:end]` is `quote`."""

    quote: str
    answer: int
    start: int
    end: int


def fold(text: str, spelling: Spelling | None = None) -> str:
    """Return the text as it is compared, with as many characters as before.

    Examples
    --------
    >>> fold("I’m Here")
    "i'm here"
    """
    same: dict[str, str | int | None] = {**SAME_LETTERS, **(spelling.same_letters if spelling else {})}
    plain = text.translate(str.maketrans(same))
    lower = plain.lower()
    return lower if len(lower) == len(text) else "".join(new if len(new := x.lower()) == 1 else x for x in plain)


def find_word(text: str, listed: Sequence[str], spelling: Spelling | None = None) -> str:
    """Return the first listed word or phrase that stands in `text` as a whole word, or nothing."""
    found = _find(fold(text, spelling), listed, spelling)
    return found[0] if found else ""


def spelled(text: str, listed: Sequence[str], spelling: Spelling | None = None) -> str:
    """Return the first listed word as the person spelled it, or nothing.

    Examples
    --------
    >>> spelled("Honesty, always.", ["honesty"])
    'Honesty'
    """
    found = _find(fold(text, spelling), listed, spelling)
    return text[found[1] : found[2]] if found else ""


def _find(plain: str, listed: Sequence[str], spelling: Spelling | None) -> tuple[str, int, int] | None:
    if not listed:
        return None
    same = tuple(spelling.same_letters.items()) if spelling else ()
    pattern, order = _patterns(tuple(listed), same, spelling.prefixes if spelling else "")
    hits = [(order[found["word"]], found) for found in pattern.finditer(plain)]
    if not hits:
        return None
    place, first = min(hits, key=lambda hit: hit[0])
    return listed[place], first.start("word"), first.end("word")


@functools.lru_cache(maxsize=2_000)
def _patterns(
    listed: tuple[str, ...], same: tuple[tuple[str, str], ...], prefixes: str
) -> tuple[re.Pattern[str], dict[str, int]]:
    """Compile one pattern for a whole list, the longest phrase first, and the place of each phrase in the list."""
    spelling = Spelling(prefixes=prefixes, same_letters=dict(same))
    order: dict[str, int] = {}
    for place, word in enumerate(listed):
        order.setdefault(fold(word, spelling), place)
    either = "|".join(re.escape(word) + (r"(?!\w)" if word[-1:].isalnum() else "") for word in _longest_first(order))
    return re.compile(rf"(?<!\w){prefixes}(?P<word>{either})"), order


def _longest_first(known: Iterable[str]) -> list[str]:
    return sorted((word for word in known if word), key=len, reverse=True)


def without_quotations(text: str) -> str:
    """Blank out what stands in quotation marks: those are somebody else's words. The length stays.

    Examples
    --------
    >>> without_quotations('He said "stop" twice.')
    'He said        twice.'
    """
    return QUOTED.sub(lambda found: " " * len(found.group()), text)


def sentences_of(text: str) -> Iterator[Span]:
    """Cut a text into its sentences and lines, each with its place; a text that goes on and on is read so far.

    Examples
    --------
    >>> [span.quote for span in sentences_of("One. Two!")]
    ['One.', 'Two!']
    """
    yield from itertools.islice(every_sentence(text), MOST_SENTENCES)


def every_sentence(text: str) -> Iterator[Span]:
    """Cut a text into all of its sentences, however many."""
    yield from pieces(text, r"\n+|(?<=[.!?؟。…])[\"”]?\s+")


def pieces(text: str, border: str, *, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Cut `text[start:end]` at every match of `border`, and trim white space."""
    end = len(text) if end is None else end
    place = start
    borders = [(found.start(), found.end()) for found in re.finditer(border, text[start:end])]
    for left, right in [*borders, (end - start, end - start)]:
        yield from trimmed(text, place, start + left)
        place = start + right


def trimmed(text: str, start: int, end: int, letters: str = "") -> Iterator[Span]:
    """Yield `text[start:end]` without white space and `letters` at both ends, or nothing if nothing is left."""
    drop = " \t\r\n\f\v\xa0" + letters
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip(drop))
    kept = piece.strip(drop)
    if kept:
        yield Span(start + left, start + left + len(kept), kept)


def quote_from(
    answer: str, *, listed: Sequence[str] = (), words: Words | None = None, avoid: Sequence[str] = ()
) -> str:
    """Return a whole clause of the person's own that can stand between quotation marks, or nothing if none fits.

    A clause with a listed word is taken first, then a whole sentence, then the fullest clause. With `words`, clauses
    that cannot stand alone in that language are left out.

    Examples
    --------
    >>> quote_from("She sat down. I was afraid to ask, and she knew.", listed=["afraid"])
    'I was afraid to ask, and she knew'
    """
    found = [clause for clause in _clauses(answer, words) if clause not in avoid]
    return max(found, key=lambda clause: _worth(clause, answer, listed, words), default="")


def _clauses(answer: str, words: Words | None) -> Iterator[str]:
    splits = words.clauses.splits if words else [r"\s+[-–—]\s+", r"[,;:]\s+"]
    for sentence in sentences_of(answer):
        if sentence.quote.rstrip("\"'”’)").endswith(("?", "؟")):
            continue
        for border in (WHOLE, *splits, "|".join(splits)):
            for piece in pieces(answer, border, start=sentence.start, end=sentence.end):
                for kept in trimmed(answer, piece.start, piece.end, '-*•–"“”„.!…,;:'):
                    clause = without_start(kept.quote, words)
                    fewest = SHORTEST_QUOTE if border == WHOLE else SHORTEST_CLAUSE
                    if len(clause.split()) >= fewest and _stands(clause, words):
                        yield clause


def without_start(clause: str, words: Words | None) -> str:
    """Take off the front what only ties a clause to the one before, such as "and" or "I think".

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> without_start("And I think she knew", words_for("en"))
    'she knew'
    """
    before = None
    while words and before != clause:
        before = clause
        for word in words.clauses.drop_at_start:
            if fold(clause).startswith((f"{word} ", f"{word}, ", f"{word}: ")):
                clause = clause[len(word) :].lstrip(" ,:")
    return clause


def _stands(clause: str, words: Words | None) -> bool:
    spoken = [word.strip(",.;:'\"") for word in fold(clause).split()]
    if len(spoken) > LONGEST_QUOTE or "?" in clause or "؟" in clause:
        return False
    if any(mark in clause for mark in UNQUOTABLE):
        return False
    return not words or not (spoken[0] in words.clauses.never_starts or spoken[-1] in words.clauses.never_ends)


def _worth(clause: str, answer: str, listed: Sequence[str], words: Words | None) -> tuple[bool, int, int]:
    opens = fold(clause.split()[0]).split("'")[0].strip(",")
    whole = any(without_start(span.quote.strip("-*•– .!…"), words) == clause for span in sentences_of(answer))
    stands = not words or opens in words.clauses.is_clause
    hit = bool(find_word(clause, listed, words.spelling if words else None))
    return hit, int(stands) + int(whole), len(clause.split())


def find_quote(quote: str, answers: Sequence[str]) -> Evidence | None:
    """Find a quote in the answers, whatever its case, spaces, kind of quotation marks and closing full stop.

    Examples
    --------
    >>> find_quote("she  left the Silences ...", ["Oh.", "She left the silences alone."])
    Evidence(quote='She left the silences', answer=1, start=0, end=21)
    """
    asked = (part.strip('"“”„«».…,;:!') for part in fold(quote).split())
    parts = [part for part in asked if part]
    if len(parts) < FEWEST_FOUND or not any(part.isalnum() for part in parts):
        return None
    between = r"[\s\"“”„«».…,;:!]+"
    pattern = re.compile(r"(?<!\w)" + between.join(re.escape(part) for part in parts) + r"(?!\w)")
    for place, text in enumerate(answers):
        found = pattern.search(fold(text))
        if found:
            return Evidence(text[found.start() : found.end()], place, found.start(), found.end())
    return None
