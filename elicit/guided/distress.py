"""Hear whether somebody who writes may be in danger.

Rule: it is better to offer help once too often than once too seldom; figures of speech are the only thing let pass.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from elicit.guided.script import words_for
from elicit.guided.wording import every_sentence, find_word, fold, without_quotations

NEAR = 4  # words before an alarm within which a "not" takes it back


def hears_distress(text: str, *, language: str = "en", also: Sequence[str] = ()) -> bool:
    """Return whether the words sound as if their writer were in danger. `also` are words of the study's own.

    Examples
    --------
    >>> hears_distress("I want to die.")
    True
    >>> hears_distress("I was killing time, and dead tired.")
    False
    """
    return any(_alarms(span.quote, language, tuple(also)) for span in every_sentence(without_quotations(text)))


def _alarms(sentence: str, language: str, also: tuple[str, ...]) -> bool:
    words = words_for(language)
    plain = " ".join(fold(sentence, words.spelling).split())
    plain = _compiled(words.distress.not_this).sub(" ", plain)
    if _compiled(words.distress.says_with_not).search(plain):
        return True
    listed = find_word(plain, also, words.spelling)
    places = [plain.index(fold(listed, words.spelling))] if listed else []
    return any(not _is_denied(plain, place, place, words.distress.negations) for place in places) or any(
        not _is_denied(plain, found.start(), found.end(), words.distress.negations)
        for found in _compiled(words.distress.says).finditer(plain)
    )


def _is_denied(plain: str, start: int, end: int, negations: Sequence[str]) -> bool:
    near = " ".join(plain[:start].split()[-NEAR:])
    return bool(find_word(f"{near} {plain[start:end]}", negations))


def _compiled(patterns: Sequence[str]) -> re.Pattern[str]:
    return _joined("|".join(patterns) or r"(?!)")


@functools.lru_cache
def _joined(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")
