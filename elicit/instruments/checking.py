"""Find what is inconsistent in an instrument that is well formed.

Rule: what a check lets through works for everybody who is asked: each question can be seen, answered and stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ValidationError

from elicit.instruments.answers import MOST_DIGITS, field_name, null_field_name
from elicit.instruments.condition_checks import condition_findings
from elicit.instruments.reachability import never_shown
from elicit.instruments.release_checks import release_findings
from elicit.instruments.schema import Instrument, Item, Option
from elicit.local_text import LocalText
from elicit.yaml_documents import Document, KeyPath, Problem, problems_of, suggest

Finding = tuple[KeyPath, str, str]  # where, what is wrong, the fix

REFUSAL = "Prefer not to say"  # the value by which releases know a refusal
FIELDS_OF_THE_PAGE = ("part", "handling", "action", "csrfmiddlewaretoken")  # and what was known of each item
WIDEST = 10 ** (MOST_DIGITS - 1)
FEWEST_POINTS = 2
MEANT_FOR = {  # keys that do something for some types only
    "options": ("single", "multi", "slider", "matrix", "country"),
    "randomise": ("single", "multi", "slider", "matrix"),
    "scale": ("matrix",),
    "low": ("slider",),
    "high": ("slider",),
    "unit": ("number",),
    "min": ("slider", "number"),
    "max": ("slider", "number"),
    "max_chars": ("text",),
    "attention": ("single", "slider"),
}


def check_instrument(document: Document) -> list[Problem]:
    """Return everything that is wrong with an instrument's file, each with line, key and fix.

    Examples
    --------
    >>> from elicit.yaml_documents import read_document
    >>> print(check_instrument(read_document("format_version: 1\\nkey: empty\\ntitle: Empty\\nparts: []"))[0].path)
    parts
    """
    try:
        instrument = Instrument.model_validate(document.data)
    except ValidationError as error:
        return problems_of(error, document=document, model=Instrument)
    return [document.problem(*finding) for finding in findings(instrument)]


def findings(instrument: Instrument) -> list[Finding]:
    """Return everything in a well-formed instrument that could not work."""
    found = [*_names(instrument), *_languages(instrument), *release_findings(instrument)]
    for path, item in _places(instrument):
        found += [((*path, *key), what, fix) for key, what, fix in _item(item)]
    conditions = list(condition_findings(instrument))
    if not found and not conditions:
        conditions += _unreachable(instrument)
    return found + conditions


def _places(instrument: Instrument) -> Iterator[tuple[KeyPath, Item]]:
    for number, part in enumerate(instrument.parts):
        for position, item in enumerate(part.items):
            yield ("parts", number, "items", position), item


def _names(instrument: Instrument) -> Iterator[Finding]:
    keys = [part.key for part in instrument.parts]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield ("parts", number, "key"), f'two parts are called "{key}"', "give each its own key"
    seen: set[str] = set()
    fields: dict[str, str] = dict.fromkeys(FIELDS_OF_THE_PAGE, "the page itself")
    for path, item in _places(instrument):
        if item.name in seen:
            yield (*path, "name"), f'two items are called "{item.name}"', "give each its own name"
            continue
        seen.add(item.name)
        for name in _fields_of(item):
            if name in fields:
                what = f'its form field "{name}" is also one of {fields[name]}'
                yield (*path, "name"), what, "give it another name"
            fields[name] = f'"{item.name}"'


def _fields_of(item: Item) -> list[str]:
    rows = [field_name(item, option) for option in item.options] if item.has_rows() else [item.name]
    words = [field_name(item, option, words=True) for option in item.options if option.with_text]
    return [*dict.fromkeys(rows), *dict.fromkeys(words), null_field_name(item), f"{item.name}__known"]


def _languages(instrument: Instrument) -> Iterator[Finding]:
    for index, language in enumerate(instrument.languages):
        if language in instrument.languages[:index]:
            yield ("languages", index), f'"{language}" is named twice', "remove one of the two"
    if instrument.languages:
        yield from untranslated(instrument, (), instrument.languages)


def untranslated(
    value: object, path: KeyPath, languages: Sequence[str], *, whole: str = "the file", this: str = "this file"
) -> Iterator[Finding]:
    """Find every text under `value` that lacks one of `languages`, or has one too many."""
    if isinstance(value, LocalText):
        yield from _missing_from(value, path, languages, whole=whole, this=this)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from untranslated(getattr(value, name), (*path, name), languages, whole=whole, this=this)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from untranslated(part, (*path, index), languages, whole=whole, this=this)


def _missing_from(
    text: LocalText, path: KeyPath, languages: Sequence[str], *, whole: str, this: str
) -> Iterator[Finding]:
    given = text.languages()
    if not given and len(languages) > 1:
        keys = ", ".join(f"{code}: ..." for code in languages)
        yield path, f"{whole} has {len(languages)} languages, this text only one", f"write {{{keys}}}"
    for code in given:
        if code not in languages:
            yield (*path, code), f'"{code}" is not a language of {this}', suggest(code, languages)
    for code in languages if given else ():
        if code not in given:
            yield path, f'the text in "{code}" is missing', f"add `{code}:`"


def _item(item: Item) -> Iterator[Finding]:
    for key in sorted(item.model_fields_set & MEANT_FOR.keys()):
        if item.type not in MEANT_FOR[key]:
            what = f"`{key}` does nothing for an item of the type {item.type}"
            yield (key,), what, f"remove it; it is for {', '.join(MEANT_FOR[key])}"
    yield from _options(item)
    yield from _scale(item)
    yield from _range(item)
    yield from _attention(item)
    if item.demographic and not item.refusable and item.option(REFUSAL) is None:
        fix = f'write `refusable: true`, or add an option with the value "{REFUSAL}"'
        yield ("demographic",), "it asks who the person is and offers no way to decline", fix


def _options(item: Item) -> Iterator[Finding]:
    if not item.options and item.type in ("single", "multi", "slider", "matrix"):
        what = "rows" if item.has_rows() else "choices"
        yield ("type",), f"a {item.type} item needs {what}", "list them under `options`"
    yield from _values(item.options, "options")
    stored = [option.value for option in item.options]
    for index, option in enumerate(item.options):
        if option.with_text and item.type not in ("multi", "slider"):
            fix = "ask for the words in an item of its own"
            yield ("options", index, "with_text"), f"a {item.type} item keeps no words beside an option", fix
        if option.with_text and f"{option.value}_text" in stored:
            what = f'"{option.value}_text" is also where the words beside "{option.value}" are kept'
            yield ("options", stored.index(f"{option.value}_text"), "value"), what, "give it another value"


def _scale(item: Item) -> Iterator[Finding]:
    if item.type == "matrix" and len(item.scale) < FEWEST_POINTS:
        yield ("scale",), "a matrix needs a scale of at least two points", "list them under `scale`"
    yield from _values(item.scale, "scale")
    for index, point in enumerate(item.scale):
        for key in ("last", "with_text"):
            if getattr(point, key):
                yield ("scale", index, key), f"a point of a scale has no `{key}`", "remove it"


def _values(options: Sequence[Option], key: str) -> Iterator[Finding]:
    counts = Counter(option.value for option in options)
    for index, option in enumerate(options):
        if counts[option.value] > 1 and option.value in [before.value for before in options[:index]]:
            yield (key, index, "value"), f'the value "{option.value}" is given twice', "give each its own"
        if option.value != option.value.strip() or "\x00" in option.value:
            yield (key, index, "value"), "it begins or ends with a space, which no form sends", "remove the space"


def _range(item: Item) -> Iterator[Finding]:
    if item.type == "slider":
        for end in ("low", "high"):
            if getattr(item, end) is None:
                yield (end,), f"a slider needs a text at its {end} end", f"write `{end}:`"
    if item.type in ("slider", "number"):
        if item.min >= item.max:
            yield ("min",), f"min ({item.min}) is not below max ({item.max})", "correct one of the two"
        for end in ("min", "max"):
            if abs(getattr(item, end)) >= WIDEST:
                yield (end,), f"a number this far from 0 is not read (up to {WIDEST - 1:,})", "bring it nearer"


def _attention(item: Item) -> Iterator[Finding]:
    values = [option.value for option in item.options]
    if item.attention is None:
        return
    if item.type == "single" and item.attention not in values:
        yield ("attention",), f"{item.attention!r} is no option of this item", suggest(str(item.attention), values)
    is_place = isinstance(item.attention, int) and item.min <= item.attention <= item.max
    if item.type == "slider" and (len(values) != 1 or not is_place):
        fix = f"give the item one row, and expect a whole number from {item.min} to {item.max}"
        yield ("attention",), "no place on one slider is expected here", fix


def _unreachable(instrument: Instrument) -> Iterator[Finding]:
    hidden = set(never_shown(instrument))
    for path, item in _places(instrument):
        if item.name in hidden:
            needed = ", and its answer is required" if item.required else ""
            fix = "change the condition, or remove the item"
            yield (*path, "show_if"), f"nobody can ever see this item: its conditions exclude each other{needed}", fix
