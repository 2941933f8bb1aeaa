"""Identifiers of a release: user{n}, c{n}, ut{n} count rows from 0; int{n} ranks conversation and turn.

Rule: int{n} sorts conversation ids as STRINGS (c0, c1, c10, c100, ..., c2), as the published files do.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

PREFIXES = ("user", "c", "ut", "int")


def user_id(number: int) -> str:
    """Return a participant's id.

    >>> user_id(7)
    'user7'
    """
    return f"user{number}"


def conversation_id(number: int) -> str:
    """Return a conversation's id.

    >>> conversation_id(0)
    'c0'
    """
    return f"c{number}"


def utterance_id(number: int) -> str:
    """Return a scored answer's id.

    >>> utterance_id(68370)
    'ut68370'
    """
    return f"ut{number}"


def interaction_id(number: int) -> str:
    """Return the id of one turn of one conversation.

    >>> interaction_id(10)
    'int10'
    """
    return f"int{number}"


def id_number(identifier: str, prefix: str) -> int | None:
    """Return the number in an id, or None where it is not one of this prefix, written without leading zeros.

    >>> id_number("c12", "c"), id_number("user12", "c"), id_number("c012", "c")
    (12, None, None)
    """
    digits = identifier[len(prefix) :]
    is_one = identifier.startswith(prefix) and digits.isascii() and digits.isdigit() and len(digits) < 16
    return int(digits) if is_one and str(int(digits)) == digits else None


def first_interactions(
    turns: Sequence[int] | NDArray[np.int64], numbers: Sequence[int] | NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return for each conversation the number of its turn 0; turn t has that number plus t.

    `turns` holds how many turns each conversation has; `numbers` the numbers in their ids (0, 1, 2, ... when left out).
    After PRISM: rank of (conversation id as a string, turn).

    >>> first_interactions([2, 3, 2, 2, 2, 2, 2, 2, 2, 2, 5]).tolist()
    [0, 2, 10, 12, 14, 16, 18, 20, 22, 24, 5]
    """
    counts = np.asarray(turns, dtype=np.int64)
    names = np.arange(len(counts)) if numbers is None else np.asarray(numbers)
    order = np.argsort(names.astype(np.str_), kind="stable")
    first = np.empty(len(counts), dtype=np.int64)
    first[order] = np.concatenate(([0], np.cumsum(counts[order])[:-1])) if len(counts) else 0
    return first
