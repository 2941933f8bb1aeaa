"""What the page of a survey sends beside the answers, and what is said of it on the page.

Rule: what a browser tells is description and never decides anything, except which wording of an answer its page was
built on: with that, a page that is out of date never overwrites what was answered elsewhere since.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from elicit.guided.privacy import address_in, name_in
from elicit.guided.script import words_for
from elicit.instruments import (
    Item,
    NullChoice,
    Part,
    answer_from_post,
    field_name,
    null_choice_from_post,
    read_handling,
    seconds_for,
)
from elicit.models import SurveyAnswer

Fields = Callable[[str], Sequence[str]]
NullReason = SurveyAnswer.NullReason
NO_ANSWER = frozenset({"", NullReason.SKIPPED, NullReason.NOT_SHOWN})
MARK_LENGTH = 12  # hex digits: enough that two answers of one person never share a mark


@dataclass(frozen=True)
class PageFacts:
    """What came from a page beside the answers, each by item.

    `known` holds the mark of the answer that the page was built on; None when the sender does not say. `is_leaving`
    says that the person goes away from the page.
    """

    choices: Mapping[str, NullChoice] = field(default_factory=dict)
    handling: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    known: Mapping[str, str] | None = None
    is_leaving: bool = False

    def has_shown(self, item: Item) -> bool:
        """Say whether the item stood on the page, as far as the page says."""
        return self.known is None or item.name in self.known


NOTHING_TOLD = PageFacts()


def raw_answers(part: Part, values_of: Fields) -> dict[str, Any]:
    """Collect the raw answers to a part from a submitted form (`request.POST.getlist`)."""
    return {item.name: answer_from_post(item, values_of) for item in part.items}


def page_facts(part: Part, values_of: Fields) -> PageFacts:
    """Collect what a submitted form says beside the answers."""
    choices = {item.name: null_choice_from_post(item, values_of) for item in part.items}
    marks = {item.name: values_of(known_field(item)) for item in part.items}
    known = {name: given[-1] for name, given in marks.items() if given}
    told = values_of("handling")
    return PageFacts(
        choices={name: choice for name, choice in choices.items() if choice is not None},
        handling=read_handling(told[-1] if told else "", part.items),
        known=known or None,
        is_leaving=bool(values_of("is_leaving")),
    )


def known_field(item: Item) -> str:
    """Name the form field in which a page says on which answer it was built."""
    return f"{item.name}__known"


def mark_of(value: Any, null_reason: str = "") -> str:
    """Return the mark of an answer: equal answers have equal marks, and having none has an empty one.

    Examples
    --------
    >>> mark_of(None, "skipped"), mark_of("Yes") == mark_of("Yes"), mark_of("Yes") == mark_of("No")
    ('', True, False)
    """
    if value is None and null_reason in NO_ANSWER:
        return ""
    text = json.dumps([value, null_reason], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:MARK_LENGTH]


def mark_of_row(row: SurveyAnswer | None) -> str:
    """Return the mark of a stored answer."""
    return mark_of(row.value, row.null_reason) if row else ""


def handling_as_post(items: Iterable[Item], answers: Mapping[str, SurveyAnswer]) -> str:
    """Return how the items of a page were handled so far, for its script to go on from; empty when nothing is known."""
    told: dict[str, Any] = {}
    for item in items:
        stored = answers[item.name].handling if item.name in answers else {}
        if item.has_rows():
            told |= {
                field_name(item, option): stored[option.value] for option in item.options if option.value in stored
            }
        elif stored:
            told[item.name] = stored
    return json.dumps(told, separators=(",", ":")) if told else ""


def personal_in(item: Item, value: Any, *, language: str) -> dict[str, str]:
    """Return what in the words of an answer would show who somebody is: by code, the words that are meant."""
    words = words_for(language)
    text = " ".join(_own_words(item, value))
    found = {"personal_data": address_in(text, words), "name": name_in(text, words)} if text else {}
    return {code: meant for code, meant in found.items() if meant}


def _own_words(item: Item, value: Any) -> list[str]:
    if item.type == "text":
        return [value] if value else []
    beside = [f"{option.value}_text" for option in item.options if option.with_text]
    return [value[name] for name in beside if value.get(name)] if isinstance(value, Mapping) else []


def personal_hint(found: Mapping[str, str]) -> str:
    """Return a quiet sentence about what was found; nothing where nothing was."""
    if not found:
        return ""
    meant = ", ".join(f"“{words}”" for words in found.values())
    hint = _("This looks like a name or contact data: %(words)s. You may want to take it out. It is saved either way.")
    return hint % {"words": meant}


def minutes_for(items: Iterable[Item]) -> int:
    """Return about how many minutes these items take, at least one."""
    return max(1, round(seconds_for(items) / 60))
