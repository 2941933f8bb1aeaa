"""Read an instrument's file.

Rule: an instrument is whole and consistent, or it is an error that names the line and the fix.
"""

from __future__ import annotations

import functools
from pathlib import Path

from elicit.instruments.checking import check_instrument
from elicit.instruments.schema import Instrument
from elicit.yaml_documents import FileError, read_document

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
    problems = check_instrument(document)
    if problems:
        raise InstrumentError(document.name, problems)
    return Instrument.model_validate(document.data)
