"""What a generalised release says in place of each row: people alike, months for times, steps for durations.

Rule: applying it twice is the same as once, so that a generalised release that was read is written again as it was.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from elicit.guided.privacy import ADDRESSES, YEARS
from elicit.guided.privacy import NUMBER as TELEPHONE
from elicit.prism.generalising import COARSER, REGION_ONLY, Cell
from elicit.prism.schema import EMPTY

Row = dict[str, Any]

DURATION_STEP = 300  # seconds: how long it took is told in steps of five minutes
LONGEST_DURATION = 3600  # seconds: an hour and more is one
FEWEST_DIGITS = 7  # of a telephone number
REMOVED = "[removed]"
ADDRESS = re.compile("|".join(ADDRESSES))
REGION_OF = {name: region.removeprefix(REGION_ONLY) for name, region in COARSER["location.special_region"].items()}
WITHHELD_PLACES = (
    "birth_country", "birth_countryISO", "birth_subregion", "reside_country", "reside_subregion", "reside_countryISO",
    "same_birth_reside_country",
)  # fmt: skip
FOR_EVERYBODY = {
    **{f"location.{name}": "withheld" for name in WITHHELD_PLACES},
    "study_id": "withheld",
    "study_locale": "withheld",
    "religion.self_described": "the category instead of the person's words",
    "religion.categorised": "withheld; the simplified category is told",
    "ethnicity.self_described": "the category instead of the person's words",
    "ethnicity.categorised": "withheld; the simplified category is told",
    "lm_usecases.other_text": "withheld",
    "stated_prefs.other_text": "withheld",
    "included_in_US_REP": "false for all, as it would tell the country",
    "included_in_UK_REP": "false for all, as it would tell the country",
    "survey.generated_datetime": "the month",
    "survey.timing_duration_s": "steps of five minutes, an hour at most",
    "conversations.generated_datetime": "the month",
    "conversations.timing_duration_s": "steps of five minutes, an hour at most",
}


def generalised_survey_row(row: Row, cells: Mapping[str, Cell], *, changed: Counter[str]) -> Row:
    """Return a survey row with these cells of quasi-identifiers; `changed` counts what else it no longer says."""
    found = {**row, "location": dict(row["location"])}
    for name, cell in cells.items():
        outer, _, inner = name.partition(".")
        if not inner:
            found[name] = cell
        elif outer == "location":
            _place(found["location"], inner, cell)
        else:
            words = cell.lower() if cell is not None else None
            found[outer] = {"self_described": words, "categorised": None, "simplified": cell}
    found["location"] |= dict.fromkeys(WITHHELD_PLACES)
    found |= {"study_id": None, "study_locale": None, "included_in_US_REP": False, "included_in_UK_REP": False}
    for name in ("lm_usecases", "stated_prefs"):
        found[name] = {**row[name], "other_text": None}
    found |= _times(row)
    _count(row, found, "survey", changed)
    return found


def _place(location: Row, name: str, cell: Cell) -> None:
    if name != "special_region":
        location[name] = cell
        return
    is_region = cell is not None and cell.startswith(REGION_ONLY)
    location["special_region"] = None if is_region else cell
    location["birth_region"] = cell.removeprefix(REGION_ONLY) if is_region and cell else REGION_OF.get(cell or "", cell)


def generalised_conversation(row: Row, *, changed: Counter[str]) -> Row:
    """Return a conversation whose times tell the month and a step of five minutes."""
    found = row | _times(row)
    _count(row, found, "conversations", changed)
    return found


def _times(row: Mapping[str, Any]) -> Row:
    seconds = step_of(row["timing_duration_s"])
    return {
        "generated_datetime": f"{row['generated_datetime'][:7]}-01 00:00:00",
        "timing_duration_s": seconds,
        "timing_duration_mins": None if seconds is None else round(seconds / 60, 2),
    }


def step_of(seconds: float | None) -> float | None:
    """Return a duration in steps of five minutes, an hour at most; a whole number stays one.

    Examples
    --------
    >>> step_of(1), step_of(600.0), step_of(601.5), step_of(90_000), step_of(None)
    (300, 600.0, 900.0, 3600, None)
    """
    if seconds is None:
        return None
    steps = min(max(math.ceil(seconds / DURATION_STEP), 1) * DURATION_STEP, LONGEST_DURATION)
    return type(seconds)(steps)


def _count(was: Mapping[str, Any], now: Mapping[str, Any], file: str, changed: Counter[str]) -> None:
    for path in FOR_EVERYBODY:
        outer, _, inner = path.partition(".")
        if outer == file:
            changed[path] += was[inner] != now[inner]
        elif file == "survey" and outer in was:
            changed[path] += (was[outer][inner] != now[outer][inner]) if inner else was[outer] != now[outer]


def without_contacts(text: str) -> tuple[str, list[str]]:
    """Return a text without addresses, links, account names and telephone numbers, and what was taken out.

    Names of people stay: no rule tells a friend from a president. So the text is not anonymous.

    Examples
    --------
    >>> without_contacts("Write to a.b@example.org, or call 020 7946 0018. In 2019-2021 I did.")
    ('Write to [removed], or call [removed]. In 2019-2021 I did.', ['a.b@example.org', '020 7946 0018'])
    """
    taken: list[str] = []

    def replace(found: re.Match[str]) -> str:
        words = found.group()
        is_number = found.re is TELEPHONE
        if is_number and (sum(map(str.isdigit, words)) < FEWEST_DIGITS or YEARS.fullmatch(words.strip())):
            return words
        taken.append(words)
        return REMOVED

    return TELEPHONE.sub(replace, ADDRESS.sub(replace, text)), taken


def without_words(text: str, taken: list[str]) -> str:
    """Return a model's text without what was taken out of the person's words, in case it repeats them."""
    for words in taken:
        text = text.replace(words, REMOVED)
    return text


def emptied(text: str | None) -> str | None:
    """Return what stands in place of a text that is not released."""
    return None if text is None else EMPTY
