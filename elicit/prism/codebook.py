"""The codebook of a release: every field of every file, what it may hold, and what it means.

Rule: it is made from the schema that the release is checked by and from the questions that people were asked, so that
it is never behind either.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from elicit.instruments.schema import Instrument, Item
from elicit.prism.schema import FILES, REFUSED, Field, FileSpec

HEADER = ("file", "field", "type", "may be null", "values", "least", "most", "meaning", "question")
LISTED = 40  # values that are listed; a longer list stands in the schema
Line = tuple[Any, ...]


@lru_cache(maxsize=1)
def meanings() -> dict[str, dict[str, str]]:
    """Return what each field means, by file and path, as meanings.yaml says it."""
    path = Path(__file__).parent / "meanings.yaml"
    found: dict[str, dict[str, str]] = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)  # noqa: S506
    return found


def codebook_lines(
    instrument: Instrument, *, level: str, extras: Mapping[str, Sequence[tuple[str, str]]], language: str = "en"
) -> Iterator[Line]:
    """Yield one line a field, in the order of the files; `extras` are files of ours with their fields and meanings.

    Examples
    --------
    >>> from elicit.instruments import load_instrument
    >>> lines = codebook_lines(load_instrument("prism"), level="raw", extras={})
    >>> next(line for line in lines if line[1] == "score")[:7]
    ('utterances.jsonl', 'score', 'integer', 'no', '', 1, 100)
    """
    asked = {item.name: item for item in instrument.items()}
    for name, spec in FILES.items():
        for path, field in _fields(spec):
            item = _asked_for(path, asked) if name == "survey" else None
            question = _question(item, path, language) if item else ""
            yield (*_line(spec, path, field, level=level), _meaning(name, path), question)
    for file, columns in extras.items():
        for column, meaning in columns:
            yield (file, column, "", "", "", "", "", meaning, "")


def _asked_for(path: str, asked: Mapping[str, Item]) -> Item | None:
    """Return the question that a field of the survey answers; none for what is derived from answers."""
    outer, _, last = path.partition(".")
    if outer in ("religion", "ethnicity"):
        return asked.get({"self_described": outer, "categorised": f"{outer}_group"}.get(last, ""))
    return asked.get(last) if outer == "location" else asked.get(outer)


def _fields(spec: FileSpec) -> Iterator[tuple[str, Field]]:
    for field in spec.fields:
        yield field.name, field
        yield from ((f"{field.name}.{path}", key) for path, key in _inside(field))


def _inside(field: Field) -> Iterator[tuple[str, Field]]:
    for key in field.keys:
        yield key.name, key
        yield from ((f"{key.name}.{path}", inner) for path, inner in _inside(key))
    for role, keys in field.items:
        yield from ((f"[{role}].{key.name}", key) for key in keys)


def _line(spec: FileSpec, path: str, field: Field, *, level: str) -> Line:
    may_be_null = field.nullable or (field.withheld and level == "generalised")
    values = [] if field.open and REFUSED not in field.enum else list(field.enum)
    told = " | ".join(map(str, values[:LISTED])) + (f" | ... ({len(values)})" if len(values) > LISTED else "")
    least, most = ("" if bound is None else bound for bound in (field.minimum, field.maximum))
    return spec.file_name, path, field.type, "yes" if may_be_null else "no", told, least, most


def _question(item: Item, path: str, language: str) -> str:
    option = item.option(path.rpartition(".")[2]) if "." in path else None
    words = item.text.for_language(language)
    return f"{words} [{option.label.for_language(language)}]" if option else words


def _meaning(file: str, path: str) -> str:
    """Return what a field means; one inside an object is told with it, by its last name, or as one of its kind."""
    known = meanings()[file]
    outer, _, last = path.rpartition(".")
    return known.get(path) or known.get(f"{outer}.*") or known.get(last) or known.get("*", "")
