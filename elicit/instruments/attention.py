"""Say whether somebody read a question that was put there to be read.

Rule: it flags and never rejects. A question that was left open says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elicit.instruments.schema import Item
from elicit.instruments.showing import has_answer


def passes_attention(item: Item, answer: Any) -> bool | None:
    """Return whether a stored answer is the expected one; None when the item expects none or was left open.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> choice = load_instrument("attention").item("attention_choice")
    >>> passes_attention(choice, "rain"), passes_attention(choice, "sun"), passes_attention(choice, None)
    (True, False, None)
    """
    if item.attention is None or not has_answer(item, answer):
        return None
    if isinstance(answer, Mapping):
        return bool(answer.get(item.options[0].value) == item.attention)
    return bool(answer == item.attention)
