"""Read a YAML file that a person wrote, and say exactly where it is wrong.

Rule: a document is read whole or not at all. Every problem names its line, its key, what is wrong and the fix, and
all problems are reported at once. Duplicate keys and aliases are refused: a reader could not see what they do.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

KeyPath = tuple[str | int, ...]
LONGEST_FILE = 1_000_000  # characters; the demo has 40 thousand, and a reader must be able to read it all


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file, and what to do about it."""

    line: int
    path: str
    what: str
    fix: str

    def __str__(self) -> str:
        end = "" if self.fix.endswith("?") else "."
        return f"line {self.line}, {self.path}: {self.what}. Fix: {self.fix}{end}"


class FileError(Exception):
    """Say everything that is wrong with a file; nothing of it was used."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.path)))
        count = f"{len(self.problems)} problem" + ("" if len(self.problems) == 1 else "s")
        super().__init__("\n".join([f"{name}: {count}; nothing was used.", *(f"  {p}" for p in self.problems)]))


@dataclass(frozen=True)
class Document:
    """A YAML file as plain data, with the line on which each key stands."""

    name: str
    data: Any
    lines: dict[KeyPath, int]

    def line_of(self, path: KeyPath) -> int:
        """Return the line of `path`, or of the nearest thing that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: KeyPath, what: str, fix: str) -> Problem:
        """Describe a problem at `path`."""
        return Problem(line=self.line_of(path), path=spell(path), what=what, fix=fix)


def spell(path: KeyPath) -> str:
    """Write a key path as people do.

    >>> spell(("contexts", 1, "text"))
    'contexts[1].text'
    """
    written = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return written.lstrip(".") or "the file"


def read_source(source: Path | str) -> tuple[str, str]:
    """Return the name and the text of a path, or of text that is given itself (it has a line break)."""
    if isinstance(source, str) and "\n" in source:
        return "the file", source
    path = Path(source)
    try:
        return path.name, path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileError(path.name, [Problem(1, "the file", f"{path} does not exist", "check its name")]) from None
    except UnicodeDecodeError:
        raise FileError(path.name, [Problem(1, "the file", "it is not UTF-8 text", "save it as UTF-8")]) from None


def read_document(source: Path | str) -> Document:
    """Read a YAML mapping with its line numbers; raise `FileError` when it is not one."""
    name, text = read_source(source)
    if len(text) > LONGEST_FILE:
        raise FileError(name, [Problem(1, "the file", f"it has {len(text):,} characters", "make it shorter")])
    try:
        return _compose(name, text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        fix = "check the indentation, the colons and the quotes on this line and the one above"
        raise FileError(name, [Problem(line, "the file", f"it is not YAML: {error.problem}", fix)]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise FileError(name, [Problem(1, "the file", f"it is not YAML: {error}", "correct this value")]) from None


def _compose(name: str, text: str) -> Document:
    aliases = [event for event in yaml.parse(text, Loader=yaml.SafeLoader) if isinstance(event, yaml.AliasEvent)]
    if aliases:
        mark = aliases[0].start_mark
        line = mark.line + 1 if mark else 1
        raise FileError(name, [Problem(line, "the file", "it uses a YAML alias (*)", "write the text out again")])
    loader = yaml.SafeLoader(text)
    node = loader.get_single_node()
    if not isinstance(node, yaml.MappingNode):
        raise FileError(name, [Problem(1, "the file", "it is not a list of keys", "start with `format_version: 1`")])
    lines: dict[KeyPath, int] = {}
    problems = list(_walk(node, (), lines))
    if problems:
        raise FileError(name, problems)
    return Document(name=name, data=loader.construct_document(node), lines=lines)


def _walk(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int]) -> Iterable[Problem]:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _walk(child, (*path, index), lines)
    elif isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            inner, line = (*path, str(key.value)), key.start_mark.line + 1
            if inner in lines:
                fix = f"keep one of the two (the other is on line {lines[inner]})"
                yield Problem(line, spell(inner), "this key is given twice", fix)
            else:
                lines[inner] = line
                yield from _walk(child, inner, lines)


def problems_of(error: ValidationError, *, document: Document, model: type[BaseModel]) -> list[Problem]:
    """Turn what pydantic found into problems that a person can act on."""
    return [_explain(dict(found), document, model) for found in error.errors(include_url=False)]


def suggest(word: str, known: Iterable[str]) -> str:
    """Say which of the known words was probably meant, or list them.

    >>> suggest("titel", ["title", "text"])
    'did you mean "title"?'
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return "use one of " + ", ".join(names) if names else "remove it"


def _explain(found: dict[str, Any], document: Document, model: type[BaseModel]) -> Problem:
    path: KeyPath = tuple(found["loc"])
    kind, given = found["type"], found.get("input")
    if kind == "extra_forbidden":
        fix = suggest(str(path[-1]), _fields_at(model, path[:-1]))
        return document.problem(path, f'there is no key "{path[-1]}" here', fix)
    if kind == "missing":
        return document.problem(path, f'the key "{path[-1]}" is missing', "add it")
    if kind == "literal_error":
        choices = [word.strip("'") for word in str(found["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        return document.problem(path, f'"{given}" is not known here', suggest(str(given), choices))
    what = str(found["msg"]).removeprefix("Value error, ")
    what, _, fix = what.partition("; ")
    return document.problem(path, what[:1].lower() + what[1:], fix or f"correct what is written here ({given!r:.60})")


def _fields_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    found: Any = model
    for key in path:
        found = _inner(_keys_of(found)[key].annotation if isinstance(key, str) and _is_model(found) else found)
    return list(_keys_of(found)) if _is_model(found) else []


def _keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _inner(annotation: Any) -> Any:
    origin = typing.get_origin(annotation)
    if origin in (tuple, list, dict, typing.Union, types.UnionType, typing.Annotated):
        models = [_inner(part) for part in typing.get_args(annotation)]
        return next((part for part in models if _is_model(part)), None)
    return annotation


def _is_model(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel)
