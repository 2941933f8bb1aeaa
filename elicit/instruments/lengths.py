"""Estimate how long an instrument takes.

Rule: an estimate for planning, from reading speed and a time for each kind of answer; what people really took is in
their rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from elicit.instruments.schema import Instrument, Item
from elicit.local_text import LocalText

WORDS_A_MINUTE = 238  # silent reading of English non-fiction (Brysbaert 2019, Journal of Memory and Language 109)
TYPED_A_MINUTE = 20  # words; on a phone and while thinking
WRITTEN_WORDS = {False: 30, True: 5}  # of a free answer, and of one in a few words
FEW_WORDS = 200  # characters of room from which an answer is more than a few words
CHOOSING = 4.0  # seconds for one answer, row or tick
TICKS = 3  # of a question with many answers
PAGE = 3.0  # seconds to get from one page to the next


def minutes_of(instrument: Instrument, *, language: str = "en") -> int:
    """Return about how many minutes somebody needs who is shown every item, at least one.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> minutes_of(load_instrument("attention")) < minutes_of(load_instrument("prism"))
    True
    """
    texts = [text for part in instrument.parts for text in (part.title, part.intro) if text is not None]
    pages = PAGE * len(instrument.parts) + _reading(texts, language)
    return max(1, round((pages + seconds_for(instrument.items(), language=language)) / 60))


def seconds_for(items: Iterable[Item], *, language: str = "en") -> float:
    """Return about how many seconds it takes to read and answer some items."""
    return sum(_seconds_of(item, language) for item in items)


def _seconds_of(item: Item, language: str) -> float:
    texts = [item.text, *([item.help] if item.help else [])]
    texts += [option.label for option in (*item.options, *item.scale)]
    return _reading(texts, language) + _answering(item)


def _answering(item: Item) -> float:
    if item.type == "text":
        return WRITTEN_WORDS[item.max_chars <= FEW_WORDS] / TYPED_A_MINUTE * 60
    answers = len(item.options) if item.has_rows() else TICKS if item.type == "multi" else 1
    return CHOOSING * answers


def _reading(texts: list[LocalText], language: str) -> float:
    words = sum(len(text.for_language(language).split()) for text in texts)
    return words / WORDS_A_MINUTE * 60
