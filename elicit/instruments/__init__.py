"""Survey questions as data: one YAML file an instrument, and the rules by which its answers are read.

Rule: an item's name is the name of the field that it fills in a release, and the values of its options are stored as
they stand in the file.
"""

from elicit.instruments.answers import (
    AnswerError,
    answer_as_post,
    answer_from_post,
    field_name,
    ordered_options,
    validate_answer,
    visible_items,
)
from elicit.instruments.loading import InstrumentError, available_instruments, load_instrument
from elicit.instruments.schema import Instrument, Item, Option, Part

__all__ = [
    "AnswerError",
    "Instrument",
    "InstrumentError",
    "Item",
    "Option",
    "Part",
    "answer_as_post",
    "answer_from_post",
    "available_instruments",
    "field_name",
    "load_instrument",
    "ordered_options",
    "validate_answer",
    "visible_items",
]
