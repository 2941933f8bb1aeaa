"""What a person sees of an instrument: which items, and in which order.

Rule: both follow from the person's answers and seed alone. A condition reads only what was asked before it, and the
answer to an item that is hidden now counts as no answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from elicit.instruments.schema import Condition, Instrument, Item, Option, Part, ShowIf

_Known = dict[str, tuple[Item, Any]]  # what is shown so far, and how it was answered


def visible_items(instrument: Instrument, answers: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return the items to show, given the answers so far.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> prism = load_instrument("prism")
    >>> "lm_usecases" in {item.name for item in visible_items(prism, {"lm_direct_use": "No"})}
    False
    """
    known: _Known = {}
    for item in instrument.items():
        if item.show_if is None or _is_met(item.show_if, known):
            known[item.name] = (item, answers.get(item.name))
    return tuple(item for item, _answer in known.values())


def _is_met(wanted: ShowIf, answers: _Known) -> bool:
    return (
        (not wanted.any or any(_holds_among(answers, condition) for condition in wanted.any))
        and all(_holds_among(answers, condition) for condition in wanted.all)
        and not any(_holds_among(answers, condition) for condition in wanted.not_)
    )


def _holds_among(answers: _Known, condition: Condition) -> bool:
    item, answer = answers.get(condition.item, (None, None))
    return condition.is_answered is False if item is None else holds(condition, item, answer)


def holds(condition: Condition, item: Item, answer: Any) -> bool:
    """Say whether an answer to `item`, as it is stored, passes the condition's test.

    Examples
    --------
    >>> from elicit.local_text import LocalText
    >>> nights = Item(name="nights", type="number", text=LocalText("How many?"))
    >>> holds(Condition(item="nights", at_least=3), nights, 2), holds(Condition(item="nights", at_most=3), nights, 2)
    (False, True)
    """
    if condition.row is not None:
        answer = answer.get(condition.row) if isinstance(answer, Mapping) else None
    if condition.is_answered is not None:
        return has_answer(item, answer) is condition.is_answered
    if condition.is_one_of is not None:
        return any(
            answer.get(value) if isinstance(answer, Mapping) else answer == value for value in condition.is_one_of
        )
    return _is_in_range(condition, answer)


def _is_in_range(condition: Condition, answer: Any) -> bool:
    if not isinstance(answer, int):
        return False
    return (condition.at_least is None or answer >= condition.at_least) and (
        condition.at_most is None or answer <= condition.at_most
    )


def has_answer(item: Item, answer: Any) -> bool:
    """Say whether a stored answer says anything: a ticked option, a placed slider, a number, a word.

    Examples
    --------
    >>> from elicit.local_text import LocalText
    >>> age = Item(name="age", type="number", text=LocalText("How old are you?"))
    >>> has_answer(age, 0), has_answer(age, None)
    (True, False)
    """
    if not isinstance(answer, Mapping):
        return answer is not None and answer != ""
    if item.has_rows():
        return any(value is not None for value in answer.values())
    return any(answer.values())


def ordered_items(part: Part, seed: int | str) -> tuple[Item, ...]:
    """Return the items of a part in the order in which this person sees them.

    The same seed gives the same order; without `randomise` it is the order of the file.
    """
    items = list(part.items)
    if part.randomise:
        random.Random(f"{seed}:{part.key}").shuffle(items)
    return tuple(items)


def ordered_options(item: Item, seed: int | str) -> tuple[Option, ...]:
    """Return the options in the order in which this person sees them.

    The same seed gives the same order; options marked `last` stay at the end.
    Without `randomise` it is the order of the file.
    """
    first = [option for option in item.options if not option.last]
    if item.randomise:
        random.Random(f"{seed}:{item.name}").shuffle(first)
        return (*first, *(option for option in item.options if option.last))
    return tuple(item.options)
