"""Survey questions as data: one YAML file an instrument, and the rules by which its answers are read.

Rule: an item's name is the name of the field that it fills in a release, and the values of its options are stored as
they stand in the file.
"""

from elicit.instruments.answers import (
    AnswerError,
    answer_as_post,
    answer_from_post,
    field_name,
    null_choice_from_post,
    null_field_name,
    validate_answer,
)
from elicit.instruments.attention import passes_attention
from elicit.instruments.checking import check_instrument
from elicit.instruments.countries import country_choices
from elicit.instruments.handling import handling_of_fields, read_handling
from elicit.instruments.lengths import minutes_of, seconds_for
from elicit.instruments.loading import InstrumentError, available_instruments, load_instrument
from elicit.instruments.reachability import never_shown
from elicit.instruments.schema import Instrument, Item, NullChoice, Option, Part
from elicit.instruments.showing import has_answer, ordered_items, ordered_options, visible_items

__all__ = [
    "AnswerError",
    "Instrument",
    "InstrumentError",
    "Item",
    "NullChoice",
    "Option",
    "Part",
    "answer_as_post",
    "answer_from_post",
    "available_instruments",
    "check_instrument",
    "country_choices",
    "field_name",
    "has_answer",
    "load_instrument",
    "minutes_of",
    "never_shown",
    "null_choice_from_post",
    "null_field_name",
    "ordered_items",
    "ordered_options",
    "passes_attention",
    "handling_of_fields",
    "read_handling",
    "seconds_for",
    "validate_answer",
    "visible_items",
]
