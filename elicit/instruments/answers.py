"""Read answers to an instrument, and check them.

Rule: what is stored is what the person said. A question that was not answered is `None`, never a default, and a
question that was not shown has no answer at all.

Stored shapes: `single`, `text` and `country` are text, `number` is a number; `multi` is `{option: 0 or 1}`, `slider`
`{option: number or None}`, both with `<option>_text` beside every option that asks for words; `matrix` is
`{row: point or None}`. Those that PRISM has are in the shapes of its `survey.jsonl`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from elicit.instruments.countries import country_codes
from elicit.instruments.schema import Item, NullChoice, Option
from elicit.local_text import LocalText

LONGEST_BESIDE = 500  # characters of the words beside an "other"
MOST_DIGITS = 12  # of a number; a longer one is out of every range, and costs time to read


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


def field_name(item: Item, option: Option | None = None, *, words: bool = False) -> str:
    """Name the form field of an item, of a slider's or a matrix's row, or of the words beside an option."""
    name = item.name if option is None else f"{item.name}__{option.value}"
    return f"{name}_text" if words else name


def null_field_name(item: Item) -> str:
    """Name the form field in which a person chooses to give no answer."""
    return f"{item.name}__null"


def null_choice_from_post(item: Item, values_of: Callable[[str], Sequence[str]]) -> NullChoice | None:
    """Return what the person chose instead of an answer, if the item offers it.

    It goes before whatever else the form holds: who says "I'd rather not say" has taken back what they typed.
    """
    given = values_of(null_field_name(item))
    return next((choice for choice in reversed(item.null_choices()) if choice in given), None)


def answer_from_post(item: Item, values_of: Callable[[str], Sequence[str]]) -> Any:
    """Collect the raw answer to `item` from a submitted form.

    `values_of` is `request.POST.getlist`, or anything like it.
    """
    if item.type in ("single", "text", "number", "country"):
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
        if item.has_rows() and answer.get(option.value) is not None:
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
        Text for `single`, `text`, `number` and `country`; a list of options or a mapping for `multi`; a mapping for
        `slider` and `matrix`.

    Examples
    --------
    >>> from elicit.instruments.loading import load_instrument
    >>> validate_answer(load_instrument("prism").item("lm_direct_use"), "Yes")
    'Yes'
    """
    return READERS[item.type](item, raw)


def _read_single(item: Item, raw: Any) -> str | None:
    value = str(raw or "").strip()
    if not value and not item.required:
        return None
    if not value:
        raise AnswerError("Please choose one answer.")
    if item.option(value) is None and not (item.type == "country" and value in country_codes()):
        raise AnswerError("This answer is not one of the choices. Please choose one from the list.")
    return value


def _read_text(item: Item, raw: Any) -> str | None:
    value = _words(raw)
    if not value and not item.required:
        return None
    if not value:
        raise AnswerError("Please write a few words.")
    if len(value) > item.max_chars:
        raise AnswerError(
            "Please shorten this to %(most)s characters; it has %(length)s.", most=item.max_chars, length=len(value)
        )
    return value


def _words(raw: Any) -> str:
    """Return what was typed, with plain line ends; a null character cannot be typed, and no database keeps it."""
    return str(raw or "").replace("\r\n", "\n").replace("\x00", "").strip()


def _read_number(item: Item, raw: Any) -> int | None:
    value = _number(item, raw)
    if value is None and item.required:
        raise AnswerError("Please give a whole number from %(least)s to %(most)s.", least=item.min, most=item.max)
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


def _read_matrix(item: Item, raw: Any) -> dict[str, str | None]:
    given: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    _refuse_unknown(item, given)
    chosen = {option.value: str(given.get(option.value) or "").strip() or None for option in item.options}
    if any(value is not None and item.point(value) is None for value in chosen.values()):
        raise AnswerError("This answer is not one of the choices. Please choose one from the list.")
    missing = [option.label for option in item.options if chosen[option.value] is None]
    if missing and item.required:
        raise AnswerError("Please answer every line. Still open: %(labels)s.", labels=missing)
    return chosen


def _number(item: Item, raw: Any) -> int | None:
    """Read a whole number, in the digits of any script."""
    text = "" if raw is None else str(raw).strip()
    if not text:
        return None
    digits = text.removeprefix("-")
    is_number = digits.isdecimal() and len(digits) <= MOST_DIGITS
    if not is_number or not item.min <= int(text) <= item.max:
        raise AnswerError("Please give a whole number from %(least)s to %(most)s.", least=item.min, most=item.max)
    return int(text)


def _words_beside(item: Item, given: Mapping[str, Any]) -> dict[str, str | None]:
    beside = {}
    for option in item.options:
        if option.with_text:
            words = _words(given.get(f"{option.value}_text"))
            if len(words) > LONGEST_BESIDE:
                raise AnswerError("Please shorten your words to %(most)s characters.", most=LONGEST_BESIDE)
            beside[f"{option.value}_text"] = words or None
    return beside


def _refuse_unknown(item: Item, given: Mapping[str, Any]) -> None:
    known = {option.value for option in item.options}
    known |= {f"{option.value}_text" for option in item.options if option.with_text}
    if set(given) - known:
        raise AnswerError("This answer is not one of the choices. Please choose from the list.")


READERS: Mapping[str, Callable[[Item, Any], Any]] = {
    "single": _read_single,
    "country": _read_single,
    "text": _read_text,
    "number": _read_number,
    "multi": _read_multi,
    "slider": _read_slider,
    "matrix": _read_matrix,
}
