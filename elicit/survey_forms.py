"""The form of a survey's page: the items of one part, as one person sees them.

Rule: no control starts with an answer. The form only shows; whether an answer is stored is decided by the verb.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from elicit.instruments import Item, Option, answer_as_post, field_name, ordered_options
from elicit.instruments.answers import LONGEST_BESIDE
from elicit.models import SurveyAnswer

MOST_RADIO_BUTTONS = 12  # a longer list is a menu
LONG_TEXT = 200  # characters from which a text gets several lines


class SurveyForm(forms.Form):
    """Show some items of a survey with what was stored or typed; `add_problems` says what the verb found wrong."""

    use_required_attribute = False

    def __init__(
        self, items: tuple[Item, ...], *, language: str, seed: int, answers: Mapping[str, SurveyAnswer],
        data: QueryDict | None = None,
    ) -> None:  # fmt: skip
        self.items = items
        self.language = language
        self.seed = seed
        initial: dict[str, Any] = {}
        for item in items:
            if item.name in answers:
                initial |= answer_as_post(item, answers[item.name].value)
        super().__init__(data, initial=initial)
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

    def blocks(self) -> list["Block"]:
        """Return the items as the page shows them."""
        return [self._block(item) for item in self.items]

    def _first_open_field(self, item: Item) -> str:
        if item.type != "slider":
            return item.name
        names = [field_name(item, option) for option in item.options]
        return next((name for name in names if not self[name].value()), names[0])

    def _block(self, item: Item) -> "Block":
        options = ordered_options(item, self.seed)
        rows = [self[field_name(item, option)] for option in options] if item.type == "slider" else [self[item.name]]
        return Block(
            kind=item.type,
            text=item.text.for_language(self.language),
            hint=item.help.for_language(self.language) if item.help else "",
            rows=rows,
            words=[self[field_name(item, option, words=True)] for option in options if option.with_text],
            low=item.low.for_language(self.language) if item.low else "",
            high=item.high.for_language(self.language) if item.high else "",
            is_optional=not item.required,
        )


@dataclass(frozen=True)
class Block:
    """One item on the page."""

    kind: str
    text: str
    hint: str
    rows: list[BoundField]
    words: list[BoundField]
    low: str
    high: str
    is_optional: bool


def _fields_of(item: Item, *, language: str, seed: int) -> dict[str, forms.Field]:
    label = item.text.for_language(language)
    shared: dict[str, Any] = {
        "label": label,
        "required": item.required,
        "help_text": item.help.for_language(language) if item.help else "",
    }
    options = ordered_options(item, seed)
    choices = [(option.value, option.label.for_language(language)) for option in options]
    fields: dict[str, forms.Field] = {}
    if item.type == "text":
        widget = forms.Textarea(attrs={"rows": 4}) if item.max_chars > LONG_TEXT else forms.TextInput()
        fields[item.name] = forms.CharField(**shared, widget=widget, max_length=item.max_chars)
    elif item.type == "multi":
        fields[item.name] = forms.MultipleChoiceField(**shared, choices=choices, widget=forms.CheckboxSelectMultiple)
    elif item.type == "single" and len(choices) > MOST_RADIO_BUTTONS:
        fields[item.name] = forms.ChoiceField(**shared, choices=[("", _("Please choose")), *choices])
    elif item.type == "single":
        fields[item.name] = forms.ChoiceField(**shared, choices=choices, widget=forms.RadioSelect)
    else:
        for option in options:
            fields[field_name(item, option)] = _slider(
                option.label.for_language(language), least=item.min, most=item.max, required=not option.with_text
            )
    for option in options:
        if option.with_text:
            fields[field_name(item, option, words=True)] = _words(option, language=language)
    return fields


def _slider(label: Any, *, least: int, most: int, required: bool = False) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=required)


def _words(option: Option, *, language: str) -> forms.CharField:
    label = _("In your words: %(option)s") % {"option": option.label.for_language(language)}
    return forms.CharField(label=label, required=False, max_length=LONGEST_BESIDE)
