"""Read an instrument's file.

Rule: an instrument is whole and consistent, or it is an error that names the line and the fix.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from elicit.instruments.schema import Instrument
from elicit.yaml_documents import Document, FileError, Problem, problems_of, read_document, suggest

FOLDER = Path(__file__).parent


class InstrumentError(FileError):
    """Say everything that is wrong with an instrument's file."""


def available_instruments() -> tuple[str, ...]:
    """Name the instruments that come with the site."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@functools.lru_cache(maxsize=32)
def load_instrument(source: Path | str) -> Instrument:
    """Load an instrument by its name, from a path, or from its text. One that was loaded before is not read again.

    Raises
    ------
    InstrumentError
        When the file is missing or wrong; its `problems` list every mistake.

    Examples
    --------
    >>> load_instrument("prism").item("lm_familiarity").type
    'single'
    """
    named = isinstance(source, str) and "\n" not in source and not source.endswith(".yaml")
    try:
        document = read_document(FOLDER / f"{source}.yaml" if named else source)
    except FileError as error:
        raise InstrumentError(error.name, error.problems) from None
    try:
        instrument = Instrument.model_validate(document.data)
    except ValidationError as error:
        raise InstrumentError(document.name, problems_of(error, document=document, model=Instrument)) from None
    problems = [*_repeated_names(instrument, document), *_broken_conditions(instrument, document)]
    if problems:
        raise InstrumentError(document.name, problems)
    return instrument


def _repeated_names(instrument: Instrument, document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, part in enumerate(instrument.parts):
        for position, item in enumerate(part.items):
            if item.name in seen:
                path = ("parts", number, "items", position, "name")
                yield document.problem(path, f'two items are called "{item.name}"', "give each its own name")
            seen.add(item.name)


def _broken_conditions(instrument: Instrument, document: Document) -> Iterator[Problem]:
    """A condition may only look back, and only at a question with options."""
    earlier: dict[str, list[str]] = {}
    for number, part in enumerate(instrument.parts):
        for position, item in enumerate(part.items):
            path = ("parts", number, "items", position, "show_if")
            for condition in item.show_if.conditions() if item.show_if else ():
                if condition.item not in earlier:
                    what = f'no earlier question with options is called "{condition.item}"'
                    yield document.problem(path, what, suggest(condition.item, earlier))
                    continue
                for value in set(condition.is_one_of or ()) - set(earlier[condition.item]):
                    what = f'"{condition.item}" has no option "{value}"'
                    yield document.problem(path, what, suggest(value, earlier[condition.item]))
            if item.type == "slider" and (item.low is None or item.high is None):
                yield document.problem(path[:-1], "a slider needs `low` and `high`", "write them")
            if True:
                earlier[item.name] = [option.value for option in item.options]
