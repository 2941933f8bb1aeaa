"""An interview as its author reads it beside the card: who said what, and which words each line of the card rests on.

Rule: a text is only cut where a stored span begins or ends, so that its parts joined are always the text as it was
written; a span that no longer fits the text is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from elicit.models import Message, ValuesCard

Span = tuple[int, int, int]  # start, end, and the line of the card that it belongs to


@dataclass(frozen=True)
class Part:
    """Some words of a message, and the places of the card's lines that rest on them (from 0)."""

    text: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class MarkedMessage:
    """One message, cut into parts."""

    number: int
    is_own: bool
    language: str
    parts: tuple[Part, ...]


def marked_transcript(card: ValuesCard) -> list[MarkedMessage]:
    """Return the interview behind a card with the words that its lines rest on marked."""
    if card.interview is None:
        return []
    spans = _spans_by_message(card)
    return [
        MarkedMessage(
            number=message.number,
            is_own=message.author == Message.Author.PARTICIPANT,
            language=message.language,
            parts=cut(message.text, spans.get(message.number, [])),
        )
        for message in card.interview.messages.all()
    ]


def cut(text: str, spans: Sequence[Span]) -> tuple[Part, ...]:
    """Cut a text at the ends of its spans.

    Examples
    --------
    >>> [(part.text, part.lines) for part in cut("I stay and listen", [(2, 6, 0), (2, 17, 1)])]
    [('I ', ()), ('stay', (0, 1)), (' and listen', (1,))]
    """
    fitting = [span for span in spans if 0 <= span[0] < span[1] <= len(text)]
    ends = sorted({0, len(text), *(place for start, end, _ in fitting for place in (start, end))})
    return tuple(
        Part(text[first:last], tuple(sorted({line for start, end, line in fitting if start <= first < end})))
        for first, last in zip(ends, ends[1:], strict=False)
    )


def _spans_by_message(card: ValuesCard) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for line, quotes in enumerate(card.evidence):
        for quote in quotes:
            found.setdefault(int(quote["message"]), []).append((int(quote["start"]), int(quote["end"]), line))
    return found
