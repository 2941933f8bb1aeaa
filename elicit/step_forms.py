"""The forms of the survey, the closing questions and the rated conversations.

Rule: no control starts with an answer. A survey's form only shows; whether an answer is stored is decided by the verb.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from elicit.conversations import ATTRIBUTES, LEAST_SCORE, LONGEST_PROMPT, MOST_SCORE
from elicit.instruments import Item, Option, answer_as_post, field_name, ordered_options
from elicit.instruments.answers import LONGEST_BESIDE
from elicit.models import SurveyAnswer, Utterance
from elicit.study_files import ConversationDesign

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


class PromptForm(forms.Form):
    """What a person writes to the models. The hidden key makes a second click harmless."""

    use_required_attribute = False
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    prompt = forms.CharField(
        label=_("What do you want to write?"), required=True, widget=forms.Textarea(attrs={"rows": 5}),
        max_length=LONGEST_PROMPT,
        error_messages={"required": _("Please write something first.")},
    )  # fmt: skip


class OpeningForm(PromptForm):
    """The first prompt of a conversation, and what it is about."""

    field_order = ("key", "kind", "prompt")

    def __init__(self, design: ConversationDesign, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What should this conversation be about?"),
            choices=[(each.key, each.title.for_language(language)) for each in design.types],
            widget=forms.RadioSelect,
            error_messages={"required": _("Please choose what the conversation is about.")},
        )
        self.hints = {each.key: each.text.for_language(language) for each in design.types}


class RatingForm(forms.Form):
    """Scores of the answers to one prompt, by letter."""

    use_required_attribute = False
    turn = forms.CharField(max_length=12, widget=forms.HiddenInput)
    all_bad = forms.BooleanField(label=_("None of these answers is any good"), required=False)
    reason = forms.CharField(label=_("What is bad about them?"), required=False, max_length=1000)

    def __init__(self, utterances: list[Utterance], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letters = [utterance.letter for utterance in utterances]
        for letter in self.letters:
            label = _("Your rating of answer %(letter)s") % {"letter": letter}
            self.fields[f"score_{letter}"] = _slider(label, least=LEAST_SCORE, most=MOST_SCORE)
        self.fields["chosen"] = forms.ChoiceField(
            label=_("Which of them would you continue with?"), widget=forms.RadioSelect, required=False
        )
        self.show_ties(self.letters)

    def show_ties(self, letters: Sequence[str]) -> None:
        """Offer these letters to go on with."""
        chosen = cast(forms.ChoiceField, self.fields["chosen"])
        chosen.choices = [(letter, _("Answer %(letter)s") % {"letter": letter}) for letter in letters]

    def scores(self) -> dict[str, int | None]:
        """Return the scores by letter; None where a slider is still unset."""
        return {letter: self.cleaned_data.get(f"score_{letter}") for letter in self.letters}


ATTRIBUTE_LABELS = {
    "values": _("It fitted my values or my culture"),
    "fluency": _("It was well written"),
    "factuality": _("It got its facts right"),
    "safety": _("It did no harm to me or to others"),
    "diversity": _("It laid out more than one point of view"),
    "creativity": _("It gave me new ideas"),
    "helpfulness": _("It was useful and kept to what I asked"),
}


class FeedbackForm(forms.Form):
    """How a conversation went. Everything may be left open."""

    use_required_attribute = False
    open_text = forms.CharField(
        label=_("What would have made this conversation better?"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for block in ("performance", "choice"):
            for attribute in ATTRIBUTES:
                label = ATTRIBUTE_LABELS[attribute]
                self.fields[f"{block}_{attribute}"] = _slider(label, least=LEAST_SCORE, most=MOST_SCORE)

    def block(self, name: str) -> list[BoundField]:
        """Return the fields of one block of sliders."""
        return [self[f"{name}_{attribute}"] for attribute in ATTRIBUTES]

    def performance(self) -> list[BoundField]:
        """Return the sliders about how the answer did."""
        return self.block("performance")

    def choice(self) -> list[BoundField]:
        """Return the sliders about why it was chosen."""
        return self.block("choice")

    def given(self, name: str) -> dict[str, int]:
        """Return the placed sliders of one block by attribute."""
        values = {attribute: self.cleaned_data.get(f"{name}_{attribute}") for attribute in ATTRIBUTES}
        return {attribute: value for attribute, value in values.items() if value is not None}
