"""The form of a survey's page: the items of one part, as one person sees them.

Rule: no control starts with an answer. The form only shows; whether an answer is stored is decided by the verb.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from elicit.instruments import (
    Item,
    Option,
    answer_as_post,
    country_choices,
    field_name,
    null_field_name,
    ordered_options,
)
from elicit.instruments.answers import LONGEST_BESIDE
from elicit.models import SurveyAnswer
from elicit.survey_pages import handling_as_post, mark_of_row, personal_hint, personal_in

MOST_RADIO_BUTTONS = 12  # a longer list is a menu
MOST_POINTS_IN_A_ROW = 5  # of a matrix's scale; a longer one stands in a column everywhere
LONG_TEXT = 200  # characters from which a text gets several lines
NULL_CHOICES = {
    "dont_know": _("I don't know"),
    "not_applicable": _("This does not apply to me"),
    "refused": _("I'd rather not say"),
}
Fields = dict[str, forms.Field]


@dataclass(frozen=True)
class Choice:
    """One thing to tick, and the field for the words beside it."""

    tag: str
    label: str
    id: str
    words: BoundField | None


@dataclass(frozen=True)
class Block:
    """One item on the page. `known` is the mark of the answer that the page is built on."""

    item: Item
    name: str
    kind: str
    text: str
    hint: str
    rows: list[BoundField]
    choices: list[Choice]
    words: list[BoundField]
    null: BoundField | None
    low: str
    high: str
    unit: str
    known: str
    note: str

    @property
    def is_optional(self) -> bool:
        """Whether it may be left open."""
        return not self.item.required

    @property
    def is_row_of_points(self) -> bool:
        """Whether a matrix's points fit beside each other on a wide page."""
        return len(self.item.scale) <= MOST_POINTS_IN_A_ROW

    @property
    def is_counted(self) -> bool:
        """Whether the page counts the characters."""
        return self.kind == "text" and self.item.max_chars > LONG_TEXT


class SurveyForm(forms.Form):
    """Show some items of a survey with what was stored or typed; `add_problems` says what the verb found wrong."""

    use_required_attribute = False

    def __init__(
        self, items: tuple[Item, ...], *, language: str, seed: int, answers: Mapping[str, SurveyAnswer],
        data: QueryDict | None = None, known: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.items = items
        self.language = language
        self.seed = seed
        self.answers = answers
        self.known = {item.name: mark_of_row(answers.get(item.name)) for item in items} | dict(known or {})
        self.handling = handling_as_post(items, answers)
        super().__init__(data, initial=_initial(items, answers))
        for item in items:
            self.fields |= _fields_of(item, language=language, seed=seed)

    def full_clean(self) -> None:
        """Leave checking to the verb."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data = {}

    def add_problems(self, problems: Mapping[str, str]) -> None:
        """Put each problem next to its item."""
        for item in self.items:
            if item.name in problems:
                self.add_error(self._first_open_field(item), problems[item.name])

    def blocks(self) -> list[Block]:
        """Return the items as the page shows them."""
        return [self._block(item) for item in self.items]

    def _first_open_field(self, item: Item) -> str:
        if not item.has_rows():
            return item.name
        names = [field_name(item, option) for option in ordered_options(item, self.seed)]
        return next((name for name in names if not self[name].value()), names[0])

    def _block(self, item: Item) -> Block:
        options = ordered_options(item, self.seed)
        rows = [self[field_name(item, option)] for option in options] if item.has_rows() else [self[item.name]]
        words = {option.value: self._words(item, option) for option in options if option.with_text}
        return Block(
            item=item,
            name=item.name,
            kind=_kind_of(item, self.fields),
            text=item.text.for_language(self.language),
            hint=item.help.for_language(self.language) if item.help else "",
            rows=rows,
            choices=_choices(rows[0], words) if item.type == "multi" else [],
            words=[] if item.type == "multi" else list(words.values()),
            null=self[null_field_name(item)] if item.null_choices() else None,
            low=item.low.for_language(self.language) if item.low else "",
            high=item.high.for_language(self.language) if item.high else "",
            unit=item.unit.for_language(self.language) if item.unit else "",
            known=self.known[item.name],
            note=self._note(item),
        )

    def _words(self, item: Item, option: Option) -> BoundField:
        return self[field_name(item, option, words=True)]

    def _note(self, item: Item) -> str:
        """Return the hint about names and contact data in what is stored."""
        row = self.answers.get(item.name)
        if row is None or not row.checks.get("pii"):
            return ""
        return personal_hint(personal_in(item, row.value, language=self.language))


def _kind_of(item: Item, fields: Mapping[str, forms.Field]) -> str:
    """Return how an item is drawn: its type, or "menu" for a list to open."""
    field = fields.get(item.name)
    return "menu" if field is not None and isinstance(field.widget, forms.Select) else item.type


def _choices(bound: BoundField, words: Mapping[str, BoundField]) -> list[Choice]:
    return [
        Choice(each.tag(), each.choice_label, each.id_for_label, words.get(str(each.data["value"]))) for each in bound
    ]


def _initial(items: tuple[Item, ...], answers: Mapping[str, SurveyAnswer]) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for item in items:
        row = answers.get(item.name)
        if row is not None:
            initial |= answer_as_post(item, row.value) | {null_field_name(item): [row.null_reason]}
    return initial


def _fields_of(item: Item, *, language: str, seed: int) -> Fields:
    shared: dict[str, Any] = {
        "label": item.text.for_language(language),
        "required": item.required,
        "help_text": item.help.for_language(language) if item.help else "",
    }
    options = ordered_options(item, seed)
    choices = [(option.value, option.label.for_language(language)) for option in options]
    fields = FIELDS[item.type](item, shared, choices, language)
    for option in options:
        if option.with_text:
            fields[field_name(item, option, words=True)] = _words(option, language=language)
    if item.null_choices():
        fields[null_field_name(item)] = forms.MultipleChoiceField(
            label=_("Instead of an answer"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(choice, NULL_CHOICES[choice]) for choice in item.null_choices()],
        )  # fmt: skip
    return fields


Choices = list[tuple[str, str]]


def _text(item: Item, shared: dict[str, Any], choices: Choices, language: str) -> Fields:
    """Give a text room; its length is said, not cut, so that nothing that was pasted is lost."""
    is_long = item.max_chars > LONG_TEXT
    widget = forms.Textarea(attrs={"rows": 4}) if is_long else forms.TextInput()
    return {item.name: forms.CharField(**shared, widget=widget)}


def _number(item: Item, shared: dict[str, Any], choices: Choices, language: str) -> Fields:
    """Take a number as text, which keeps whatever was typed, with the keys for digits on phones."""
    keys = "numeric" if item.min >= 0 else "text"
    return {item.name: forms.CharField(**shared, widget=forms.TextInput(attrs={"inputmode": keys}))}


def _single(item: Item, shared: dict[str, Any], choices: Choices, language: str) -> Fields:
    if len(choices) > MOST_RADIO_BUTTONS:
        return {item.name: forms.ChoiceField(**shared, choices=[("", _("Please choose")), *choices])}
    return {item.name: forms.ChoiceField(**shared, choices=choices, widget=forms.RadioSelect)}


def _country(item: Item, shared: dict[str, Any], choices: Choices, language: str) -> Fields:
    listed = [("", _("Please choose")), *country_choices(language), *choices]
    return {item.name: forms.ChoiceField(**shared, choices=listed)}


def _multi(item: Item, shared: dict[str, Any], choices: Choices, language: str) -> Fields:
    return {item.name: forms.MultipleChoiceField(**shared, choices=choices, widget=forms.CheckboxSelectMultiple)}


def _sliders(item: Item, shared: dict[str, Any], choices: Choices, language: str) -> Fields:
    return {
        field_name(item, option): forms.IntegerField(
            label=option.label.for_language(language), min_value=item.min, max_value=item.max,
            required=item.required and not option.with_text,
        )
        for option in item.options
    }  # fmt: skip


def _matrix(item: Item, shared: dict[str, Any], choices: Choices, language: str) -> Fields:
    points = [(point.value, point.label.for_language(language)) for point in item.scale]
    return {
        field_name(item, option): forms.ChoiceField(
            label=option.label.for_language(language), choices=points, widget=forms.RadioSelect, required=True
        )
        for option in item.options
    }


def _words(option: Option, *, language: str) -> forms.CharField:
    label = _("In your words: %(option)s") % {"option": option.label.for_language(language)}
    widget = forms.TextInput(attrs={"placeholder": " "})  # lets the style sheet see whether it is empty
    return forms.CharField(label=label, required=False, max_length=LONGEST_BESIDE, widget=widget)


FIELDS: Mapping[str, Callable[[Item, dict[str, Any], Choices, str], Fields]] = {
    "text": _text,
    "number": _number,
    "single": _single,
    "country": _country,
    "multi": _multi,
    "slider": _sliders,
    "matrix": _matrix,
}
