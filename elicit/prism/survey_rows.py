"""A person's answers as a row of survey.jsonl, and back.

Rule: what an answer says stands in the answer alone. `recorded` holds, by path (`religion.categorised`), what no answer
of the person says and what a release says otherwise than it would follow from the answers; so that a row that was read
is written again as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import pycountry

from elicit.prism.files import flat
from elicit.prism.ids import user_id
from elicit.prism.schema import (
    CONSENT,
    CONSENT_AGE,
    DATETIME,
    EMPTY,
    PREFERENCES,
    REFUSED,
    REFUSED_TEXT,
    SURVEY,
    USE_CASES,
    country_code,
    country_name,
    location,
    simplified_ethnicity,
    simplified_religion,
)

Row = dict[str, Any]

NEVER_FOLLOWS = ("study_id", "generated_datetime", "timing_duration_s", "timing_duration_mins")

NEEDED = ("lm_familiarity", "lm_indirect_use", "lm_direct_use", "stated_prefs")
NEEDED_WHEN_RAW = "english_proficiency"  # a generalised row may withhold it, a raw one has no word for its absence
CHOICES = (
    "lm_familiarity", "lm_indirect_use", "lm_direct_use", "lm_frequency_use", "age", "gender", "employment_status",
    "education", "marital_status", "english_proficiency",
)  # fmt: skip
TEXTS = ("self_description", "system_string")
CODED = {"religion": simplified_religion, "ethnicity": simplified_ethnicity}
COUNTRIES = ("birth_country", "reside_country")
ITEMS = (*CHOICES, *TEXTS, "lm_usecases", "stated_prefs", *CODED, "religion_group", "ethnicity_group", *COUNTRIES)
UNSET_SLIDER = 50  # where PRISM's sliders stood before anybody touched them
PUNCTUATION = str.maketrans("", "", ";?.'\"!,")
LOCALES = {"USA": "us", "GBR": "uk", REFUSED: "not stated"}
ASSIGNED = frozenset(
    {"user_id", "survey_only", "num_completed_conversations", "included_in_balanced_subset"}
)  # by the release and its conversations


@dataclass(frozen=True)
class Person:
    """What is known of a participant when their row is written. `answers` holds no key without an answer."""

    answers: Mapping[str, Any]
    orders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    recorded: Mapping[str, Any] = field(default_factory=dict)
    study: str = ""
    finished: datetime | None = None
    seconds: int = 0


def missing_answers(person: Person, *, is_raw: bool) -> tuple[str, ...]:
    """Return the answers without which there is no row, as PRISM has no word for their absence.

    Examples
    --------
    >>> some = Person({"lm_familiarity": "Very familiar", "lm_direct_use": "Yes", "lm_indirect_use": "No"})
    >>> missing_answers(some, is_raw=False), missing_answers(some, is_raw=True)
    (('stated_prefs',), ('stated_prefs', 'english_proficiency'))
    """
    needed = (*NEEDED, NEEDED_WHEN_RAW) if is_raw else NEEDED
    return tuple(name for name in needed if name not in person.answers and name not in person.recorded)


def survey_row(person: Person, *, number: int, conversations: int, flags: Mapping[str, bool]) -> Row:
    """Return the row of participant `number`, its keys in PRISM's order.

    Parameters
    ----------
    conversations
        How many of their conversations are in the release.
    flags
        The `included_in_...` fields. What is recorded of the census subsets wins.
    """
    row = _computed(person)
    row |= {"user_id": user_id(number), "survey_only": not conversations, "num_completed_conversations": conversations}
    row |= flags
    with_recorded(row, person.recorded)
    return {name: row[name] for name in SURVEY.field_names}


def _computed(person: Person) -> Row:
    answers = person.answers
    row: Row = {"consent": CONSENT, "consent_age": CONSENT_AGE}
    row |= {name: _choice(name, answers.get(name)) for name in CHOICES}
    row |= {name: answers.get(name) or EMPTY for name in TEXTS}
    row |= {name: _coded(name, answers) for name in CODED}
    row["location"] = location(*(_code(answers.get(name)) for name in COUNTRIES))
    row |= _use_cases(answers.get("lm_usecases"), person.orders) | _preferences(answers, person.orders)
    row |= {"study_id": person.study, "study_locale": _locale(row["location"]["reside_countryISO"])}
    row["generated_datetime"] = person.finished.strftime(DATETIME) if person.finished else "1970-01-01 00:00:00"
    row |= {"timing_duration_s": person.seconds, "timing_duration_mins": round(person.seconds / 60, 2)}
    return row


def _choice(name: str, value: Any) -> Any:
    """Return a stored choice; one that PRISM has no word for, and none at all, is a refusal where one can refuse."""
    enum = SURVEY.field(name).enum
    if value in enum:
        return value
    return REFUSED if REFUSED in enum else None


def _coded(name: str, answers: Mapping[str, Any]) -> dict[str, str]:
    words, group = answers.get(name), answers.get(f"{name}_group", REFUSED)
    group = group if group in SURVEY.field(f"{name}.categorised").enum else REFUSED
    described = cleaned(str(words)) if words else REFUSED_TEXT
    return {"self_described": described, "categorised": group, "simplified": CODED[name](group)}


def cleaned(words: str) -> str:
    """Return a self-description as PRISM releases it: small letters, without `; ? . ' " ! ,`.

    Examples
    --------
    >>> cleaned(" Half Irish, half Greek! ")
    'half irish half greek'
    """
    return words.translate(PUNCTUATION).strip().lower() or EMPTY


@lru_cache(maxsize=300)
def _code(answer: str | None) -> str:
    return country_code(answer) if answer else REFUSED


@lru_cache(maxsize=300)
def _locale(code: str) -> str:
    return LOCALES.get(code) or country_name(code).lower()


def _use_cases(answer: Mapping[str, Any] | None, orders: Mapping[str, Sequence[str]]) -> Row:
    if answer is None:
        nothing: Row = dict.fromkeys(USE_CASES)
        return {"lm_usecases": {**nothing, "other_text": None}, "order_lm_usecases": dict(nothing)}
    ticked = {name: int(bool(answer.get(name))) for name in USE_CASES}
    return {
        "lm_usecases": {**ticked, "other_text": answer.get("other_text")},
        "order_lm_usecases": _places(orders.get("lm_usecases", ()), USE_CASES),
    }


def _preferences(answers: Mapping[str, Any], orders: Mapping[str, Sequence[str]]) -> Row:
    placed = answers.get("stated_prefs") or {}
    values = {name: UNSET_SLIDER if placed.get(name) is None else placed[name] for name in PREFERENCES}
    return {
        "stated_prefs": {**values, "other_text": placed.get("other_text")},
        "order_stated_prefs": _places(orders.get("stated_prefs", ()), PREFERENCES),
    }


def _places(order: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """Return at which place each option stood, from 1; the file's own order where none was stored, `other` last."""
    stood = [name for name in order if name in names and name != "other"]
    stood += [name for name in names if name not in stood and name != "other"]
    return {name: stood.index(name) + 1 if name != "other" else len(names) for name in names}


def person_of(row: Mapping[str, Any]) -> Person:
    """Return the answers of a row that was read; what they do not say, study and times among it, is `recorded`.

    `survey_row` gives the same row again, whatever study and times it is told.
    """
    answers = _answers(row)
    orders = {
        item: [name for name, place in sorted(row[f"order_{item}"].items(), key=lambda pair: int(pair[1]))]
        for item in ("lm_usecases", "stated_prefs")
        if None not in row[f"order_{item}"].values()
    }
    expected = flat(_computed(Person(answers, orders)))
    found = flat({name: value for name, value in row.items() if name not in ASSIGNED})
    differs = {path: value for path, value in found.items() if path not in expected or not same(expected[path], value)}
    return Person(answers, orders, differs | {name: row[name] for name in NEVER_FOLLOWS})


def _answers(row: Mapping[str, Any]) -> Row:
    found: Row = {name: row[name] for name in CHOICES}
    found |= {name: None if row[name] == EMPTY else row[name] for name in TEXTS}
    for name in CODED:
        described = row[name]["self_described"]
        found[name] = None if described in (REFUSED_TEXT, EMPTY) else described
        found[f"{name}_group"] = row[name]["categorised"]
    for name in COUNTRIES:
        found[name] = _two_letters(row["location"][f"{name}ISO"])
    for name in ("lm_usecases", "stated_prefs"):
        found[name] = None if row[name]["other"] is None else dict(row[name])
    return {name: value for name, value in found.items() if value is not None}


@lru_cache(maxsize=300)
def _two_letters(code: str | None) -> str | None:
    if code is None or code == REFUSED:
        return code
    country = pycountry.countries.get(alpha_3=code)
    return str(country.alpha_2) if country else None


def same(first: Any, second: Any) -> bool:
    """Say whether two values would be written alike: `1`, `1.0` and `true` are three.

    Examples
    --------
    >>> same(1, 1.0), same("a", "a")
    (False, True)
    """
    return type(first) is type(second) and bool(first == second)


def with_recorded(row: Row, recorded: Mapping[str, Any]) -> None:
    """Put what is recorded into a row, in place. A path that the row does not have is left alone."""
    for path, value in recorded.items():
        *outer, last = path.split(".")
        inside: Any = row
        for name in outer:
            inside = inside.get(name) if isinstance(inside, dict) else None
        if isinstance(inside, dict) and last in inside:
            inside[last] = value
