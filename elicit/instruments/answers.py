"""Read, check and order answers to an instrument.

Rule: what is stored is what the person said. A question that was not answered is `None`, never a default, and a
question that was not shown has no answer at all.

Stored shapes: `single` and `text` are text; `multi` is `{option: 0 or 1}`; `slider` is `{option: number or None}`; the
last two have `<option>_text` beside every option that asks for words. These are the shapes of PRISM's `survey.jsonl`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from elicit.instruments.schema import Condition, Instrument, Item, Option
from elicit.local_text import LocalText

LONGEST_BESIDE = 500  # characters of the words beside an "other"


class AnswerError(ValueError):
    """Say why an answer cannot be stored, in words for the person who gave it."""

    def __init__(self, sentence: str, **values: int | Sequence[LocalText]) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(self.said())

    def said(self, *, language: str = "en", translate: Callable[[str], str] = str) -> str:
        """Return the sentence in a language, given what translates it; the values are put in afterwards."""
        shown = {
            name: value if isinstance(value, int) else _listed(value, language) for name, value in self.values.items()
        }
        return translate(self.sentence) % shown


def _listed(texts: Sequence[LocalText], language: str) -> str:
    return ", ".join(text.for_language(language) for text in texts)


def visible_items(instrument: Instrument, answers: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return the items to show, given the answers so far.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> prism = load_instrument("prism")
    >>> "lm_usecases" in {item.name for item in visible_items(prism, {"lm_direct_use": "No"})}
    False
    """
    shown: list[Item] = []
    for item in instrument.items():
        known = {name: answers[name] for name in (earlier.name for earlier in shown) if name in answers}
        if _is_shown(item, known):
            shown.append(item)
    return tuple(shown)


def _is_shown(item: Item, answers: Mapping[str, Any]) -> bool:
    if item.show_if is None:
        return True
    if item.show_if.any:
        return any(_holds(condition, answers) for condition in item.show_if.any)
    return all(_holds(condition, answers) for condition in item.show_if.all)


def _holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    answer = answers.get(condition.item)
    if isinstance(answer, Mapping):
        return any(answer.get(value) for value in condition.is_one_of)
    return answer in condition.is_one_of


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


def field_name(item: Item, option: Option | None = None, *, words: bool = False) -> str:
    """Name the form field of an item, of a slider's row, or of the words beside an option."""
    name = item.name if option is None else f"{item.name}__{option.value}"
    return f"{name}_text" if words else name


def answer_from_post(item: Item, values_of: Callable[[str], Sequence[str]]) -> Any:
    """Collect the raw answer to `item` from a submitted form.

    `values_of` is `request.POST.getlist`, or anything like it.
    """
    if item.type in ("single", "text"):
        return _last(values_of(field_name(item)))
    raw: dict[str, Any]
    if item.type == "multi":
        raw = dict.fromkeys(values_of(field_name(item)), "1")
    else:
        raw = {option.value: _last(values_of(field_name(item, option))) for option in item.options}
    for option in item.options:
        if option.with_text:
            raw[f"{option.value}_text"] = _last(values_of(field_name(item, option, words=True)))
    return raw


def answer_as_post(item: Item, answer: Any) -> dict[str, str | list[str]]:
    """Return the form fields that would give `answer`; the opposite of `answer_from_post`.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> answer_as_post(load_instrument("prism").item("lm_direct_use"), "Yes")
    {'lm_direct_use': 'Yes'}
    """
    if not isinstance(answer, Mapping):
        return {} if answer is None else {field_name(item): str(answer)}
    fields: dict[str, str | list[str]] = {}
    if item.type == "multi":
        fields[field_name(item)] = [option.value for option in item.options if answer.get(option.value)]
    for option in item.options:
        if item.type == "slider" and answer.get(option.value) is not None:
            fields[field_name(item, option)] = str(answer[option.value])
        if option.with_text and answer.get(f"{option.value}_text"):
            fields[field_name(item, option, words=True)] = str(answer[f"{option.value}_text"])
    return fields


def _last(values: Sequence[str]) -> str:
    return values[-1] if values else ""


def validate_answer(item: Item, raw: Any) -> Any:
    """Return the answer as it is stored; raise `AnswerError` when it cannot be.

    Parameters
    ----------
    item
        The question.
    raw
        Text for `single` and `text`; a list of options or a mapping for `multi`; a mapping for `slider`.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> validate_answer(load_instrument("prism").item("lm_direct_use"), "Yes")
    'Yes'
    """
    read = {"single": _read_single, "text": _read_text, "multi": _read_multi, "slider": _read_slider}[item.type]
    return read(item, raw)


def _read_single(item: Item, raw: Any) -> str | None:
    value = str(raw or "").strip()
    if not value and not item.required:
        return None
    if not value:
        raise AnswerError("Please choose one answer.")
    if item.option(value) is None:
        raise AnswerError("This answer is not one of the choices. Please choose one from the list.")
    return value


def _read_text(item: Item, raw: Any) -> str | None:
    value = str(raw or "").replace("\r\n", "\n").strip()
    if not value and not item.required:
        return None
    if not value:
        raise AnswerError("Please write a few words.")
    if len(value) > item.max_chars:
        raise AnswerError(
            "Please shorten this to %(most)s characters; it has %(length)s.", most=item.max_chars, length=len(value)
        )
    return value


def _read_multi(item: Item, raw: Any) -> dict[str, Any] | None:
    given: Mapping[str, Any] = raw if isinstance(raw, Mapping) else dict.fromkeys(raw or (), 1)
    _refuse_unknown(item, given)
    chosen = {option.value: int(str(given.get(option.value) or 0) not in ("0", "False")) for option in item.options}
    if not any(chosen.values()) and item.required:
        raise AnswerError("Please choose at least one answer.")
    return {**chosen, **_words_beside(item, given)}


def _read_slider(item: Item, raw: Any) -> dict[str, Any] | None:
    given: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    _refuse_unknown(item, given)
    placed = {option.value: _number(item, given.get(option.value)) for option in item.options}
    missing = [option for option in item.options if placed[option.value] is None and not option.with_text]
    if missing and item.required:
        labels = [option.label for option in missing]
        raise AnswerError("Please place every slider. Still open: %(labels)s.", labels=labels)
    return {**placed, **_words_beside(item, given)}


def _number(item: Item, raw: Any) -> int | None:
    text = "" if raw is None else str(raw).strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not item.min <= int(text) <= item.max:
        raise AnswerError("Please give a whole number from %(least)s to %(most)s.", least=item.min, most=item.max)
    return int(text)


def _words_beside(item: Item, given: Mapping[str, Any]) -> dict[str, str | None]:
    beside = {}
    for option in item.options:
        if option.with_text:
            words = str(given.get(f"{option.value}_text") or "").strip()
            if len(words) > LONGEST_BESIDE:
                raise AnswerError("Please shorten your words to %(most)s characters.", most=LONGEST_BESIDE)
            beside[f"{option.value}_text"] = words or None
    return beside


def _refuse_unknown(item: Item, given: Mapping[str, Any]) -> None:
    known = {option.value for option in item.options}
    known |= {f"{option.value}_text" for option in item.options if option.with_text}
    if set(given) - known:
        raise AnswerError("This answer is not one of the choices. Please choose from the list.")
