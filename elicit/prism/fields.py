"""Checks of single fields, made once from the schema: keys, type, null, values, pattern, range.

Rule: a check says what is wrong and goes on; it never raises, whatever the value is.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from elicit.prism.files import Release
from elicit.prism.generalising import COARSER
from elicit.prism.reports import shown
from elicit.prism.schema import Field, FileSpec

Say = Callable[[str, str, str], None]
Check = Callable[[Any, str, Say], None]
RowCheck = Callable[[Mapping[str, Any], Say], bool]
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
LENIENT_BLOCKS = ("performance_attributes", "choice_attributes")  # sent only when a slider had moved: keys may lack
NUMBERS_FOR_BOOLEANS = ("pii_manual_flag",)  # written from numpy: 0.0 stands for false


def row_check(spec: FileSpec, release: Release) -> RowCheck:
    """Return the check of a file's rows; it says what is wrong and returns whether nothing is."""
    checks = [(field.name, field_check(field, release, field.name)) for field in spec.fields]
    names = set(spec.field_names)

    def check(row: Mapping[str, Any], say: Say) -> bool:
        is_well = True

        def said(path: str, rule: str, message: str) -> None:
            nonlocal is_well
            is_well = False
            say(path, rule, message)

        if row.keys() != names:
            _say_keys(row, names, "", said)
        for name, field in checks:
            if name in row:
                field(row[name], name, said)
        return is_well

    return check


def field_check(field: Field, release: Release, path: str) -> Check:
    """Return the check of a field under a release's vocabulary and level; `path` is where it stands in a row."""
    is_lifted = field.open and release.vocabulary == "own"
    may_be_null = field.nullable or (field.withheld and release.level == "generalised")
    may_be_null = may_be_null or (is_lifted and field.type == "object")
    types = PYTHON_TYPES[field.type]
    inner = _inner(field, release, path, is_lifted=is_lifted)
    lenient = field.name in NUMBERS_FOR_BOOLEANS

    def check(value: Any, at: str, say: Say) -> None:
        if value is None:
            if not may_be_null:
                say(at, "null", "There must be a value.")
            return
        if type(value) not in types:
            if not (lenient and value in (0, 1)):
                say(at, "type", f"{shown(value)} is no {field.type}.")
            return
        if isinstance(value, str) and "\x00" in value:
            say(at, "null_character", "There is a null character in the text, which no database keeps.")
        for one in inner:
            one(value, at, say)

    return check


def _inner(field: Field, release: Release, path: str, *, is_lifted: bool) -> list[Check]:
    checks: list[Check] = []
    if field.enum and not is_lifted:
        coarser = COARSER.get(path, {}).values() if release.level == "generalised" else ()
        checks.append(_enum(frozenset([*field.enum, *coarser])))
    if field.pattern:
        checks.append(_pattern(re.compile(field.pattern.replace(r"\d", "[0-9]").replace("$", r"\Z"))))
    if field.minimum is not None and field.maximum is not None:
        least = min(field.minimum, 1) if is_lifted else field.minimum  # two turns were the least that PRISM asked for
        checks.append(_range(least, 10**9 if is_lifted else field.maximum))
    elif field.minimum is not None:
        checks.append(_range(field.minimum, 10**9))
    if field.keys:
        checks.append(_object(field, release, path))
    if field.items:
        checks.append(_array(field, release, path))
    if field.type == "number":
        checks.append(_positive)
    return checks


def _enum(values: frozenset[Any]) -> Check:
    def check(value: Any, at: str, say: Say) -> None:
        if value not in values:
            say(at, "enum", f"{shown(value)} is none of the values that may stand here.")

    return check


def _pattern(pattern: re.Pattern[str]) -> Check:
    def check(value: Any, at: str, say: Say) -> None:
        if not pattern.search(value):
            say(at, "pattern", f"{shown(value)} does not have the form {pattern.pattern}.")

    return check


def _range(least: int, most: int) -> Check:
    def check(value: Any, at: str, say: Say) -> None:
        if not least <= value <= most:
            say(at, "range", f"{shown(value)} is not from {least} to {most}.")

    return check


def _positive(value: Any, at: str, say: Say) -> None:
    if not 0 <= value < 10**12:
        say(at, "range", f"{shown(value)} is no duration or share.")


def _object(field: Field, release: Release, path: str) -> Check:
    checks = [(key.name, field_check(key, release, f"{path}.{key.name}")) for key in field.keys]
    names = set(field.key_names)
    is_lenient = field.name in LENIENT_BLOCKS

    def check(value: Any, at: str, say: Say) -> None:
        if value.keys() != names:
            _say_keys(value, value.keys() & names if is_lenient else names, f"{at}.", say)
        for name, inner in checks:
            if name in value:
                inner(value[name], f"{at}.{name}", say)

    return check


def _array(field: Field, release: Release, path: str) -> Check:
    checks = {
        role: (
            {key.name for key in keys},
            [(key.name, field_check(key, release, f"{path}.{key.name}")) for key in keys],
        )
        for role, keys in field.items
    }

    def check(value: Any, at: str, say: Say) -> None:
        for place, item in enumerate(value):
            role = item.get("role") if isinstance(item, dict) else None
            if not isinstance(role, str) or role not in checks:
                say(f"{at}[{place}]", "role", f"An item has the role user or model, not {shown(role)}.")
                continue
            names, inner = checks[role]
            if item.keys() != names:
                _say_keys(item, names, f"{at}[{place}].", say)
            for name, one in inner:
                if name in item:
                    one(item[name], f"{at}[{place}].{name}", say)

    return check


def _say_keys(found: Mapping[str, Any], wanted: Any, prefix: str, say: Say) -> None:
    for name in sorted(wanted - found.keys()):
        say(f"{prefix}{name}", "missing_key", "The key is missing.")
    for name in sorted(found.keys() - wanted):
        say(f"{prefix}{shown(name)[1:-1]}", "extra_key", "No such key stands in the format.")
