"""The columns that a release has in Parquet, from its schema.

Rule: numbers that PRISM writes as text stay text; a field that was a whole number in one file and a decimal in another
is a decimal here.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from elicit.prism.schema import Field, FileSpec

PLAIN = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


def arrow_schema(spec: FileSpec) -> pa.Schema:
    """Return the Arrow schema of a file; objects are structs, a conversation's history is a list of structs.

    >>> from elicit.prism.schema import UTTERANCES
    >>> arrow_schema(UTTERANCES).field("score").type
    DataType(int64)
    """
    return pa.schema([pa.field(field.name, arrow_type(field)) for field in spec.fields])


def arrow_type(field: Field) -> pa.DataType:
    """Return a field's Arrow type; an object without known keys is a map from text to text."""
    if field.type == "array":
        merged = {key.name: arrow_type(key) for _, keys in field.items for key in keys}
        return pa.list_(pa.struct(list(merged.items())))
    if field.type == "object" and field.keys:
        return pa.struct([(key.name, arrow_type(key)) for key in field.keys])
    return pa.map_(pa.string(), pa.string()) if field.type == "object" else PLAIN[field.type]


def arrow_row(spec: FileSpec, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as Arrow takes it: mappings without known keys hold text, 0.0 in a yes or no is no."""
    return {field.name: _arrow_value(field, row.get(field.name)) for field in spec.fields}


def _arrow_value(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.type == "boolean":
        return bool(value)
    if field.type == "object" and not field.keys:
        return {str(key): str(cell) for key, cell in value.items()}
    return value
