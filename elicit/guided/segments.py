"""Cut an answer into lines: what stands on a line, a sentence, or between the commas of a list.

Rule: every piece is cut from the answer as it was written and knows its place there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from elicit.guided.policies import without_lead_ins
from elicit.guided.reading import BULLET
from elicit.guided.script import Words
from elicit.guided.wording import Span, fold, pieces, trimmed

MOST_SEGMENTS = 60  # of one answer; a card holds seven lines
LISTED_PART = 8  # words; longer parts between commas are clauses, not a list


def segments_of(text: str, words: Words) -> Iterator[Span]:
    """Cut an answer into lines, sentences and the parts of a list, each as it was written.

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> [span.quote for span in segments_of("- her hands\\n- the pauses", words_for("en"))]
    ['her hands', 'the pauses']
    """
    for piece in itertools.islice(pieces(text, r"\n|[;؛]|(?<=[.!?؟。])\s+"), MOST_SEGMENTS):
        bullet = BULLET.match(piece.quote)
        start = piece.start + (bullet.end() if bullet else 0)
        for line in trimmed(text, start, piece.end, ".!?؟,،…"):
            bare = _without_marks(text, line)
            yield from _parts(text, bare, words) if bare else ()


def _without_marks(text: str, line: Span) -> Span | None:
    """Take quotation marks off that stand around the whole line, or without a partner."""
    marks = '"“”„«»'
    is_around = line.quote[0] in marks and line.quote[-1] in marks and not any(m in line.quote[1:-1] for m in marks)
    is_alone = sum(letter in marks for letter in line.quote) == 1
    return next(trimmed(text, line.start, line.end, marks), None) if is_around or is_alone else line


def _parts(text: str, line: Span, words: Words) -> Iterator[Span]:
    start = line.end - len(without_lead_ins(line.quote, words))
    joins = "|".join(re.escape(join) for join in words.drafting.list_joins)
    border = rf"[,،]\s+(?:(?:{joins})\s+)?" if joins else r"[,،]\s+"
    parts = list(pieces(text, border, start=start, end=line.end))
    is_list = len(parts) > 2 and all(len(part.quote.split()) <= LISTED_PART for part in parts)
    is_list = is_list and not any(fold(part.quote) in words.is_short_talk for part in parts)
    yield from (parts if is_list else [line])
