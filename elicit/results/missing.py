"""Who is missing: the people who have come so far against the population that a study wants to resemble.

Rule: only people who live in that country and have said so are counted; who gave no answer is counted as such, and
counts of fewer than ten people are held back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elicit.analysis.census import CensusTarget, census_target
from elicit.analysis.weighting import Shortfall, margin_shortfalls
from elicit.models import Study, SurveyAnswer
from elicit.results.floor import Floor
from elicit.results.who_counts import who_counts
from elicit.study_files import CensusDesign

ITEMS = {"age": "age", "sex": "gender", "ethnicity": "ethnicity_group"}  # margin of a census: item of the survey
COUNTRY_ITEM = "reside_country"
UNKNOWN = ""
COUNTRIES = {"uk": "GB", "us": "US"}  # how a target's key begins: the country whose people it counts


@dataclass(frozen=True)
class Line:
    """One line of a margin: how many are wanted, have come (None where it is held back) and are missing."""

    name: str
    share: float
    wanted: int
    have: int | None
    missing: int | None


@dataclass(frozen=True)
class Margin:
    """One margin with its lines, and how many people stand on none of them (None where that is held back)."""

    name: str
    lines: tuple[Line, ...]
    unknown: int | None


@dataclass(frozen=True)
class Comparison:
    """A target beside the people who have come."""

    target: CensusTarget
    wanted: int
    people: int | None
    margins: tuple[Margin, ...]


def comparisons_of(study: Study, origin: str) -> list[Comparison]:
    """Return who is missing for each population that the study's present design names."""
    with Floor(study, "missing", origin=origin) as floor:
        return [_comparison(study, origin, design, floor) for design in study.current_version.design.census]


def _comparison(study: Study, origin: str, design: CensusDesign, floor: Floor) -> Comparison:
    target = census_target(design.target)
    answers = _answers(study, origin)
    country = COUNTRIES.get(design.target.split("_")[0])
    people = [given for given in answers.values() if country is None or given.get(COUNTRY_ITEM) == country]
    placed = {name: target.place(name, [given.get(ITEMS[name]) for given in people]) for name in target.margins}
    rows = margin_shortfalls(placed, target.margins, wanted=design.participants)
    margins = tuple(
        _margin(name, {row.line[0]: row for row in rows if row.margin == name}, placed[name], floor, design.target)
        for name in target.margins
    )
    come = floor.counts(design.target, {"people": len(people)})
    return Comparison(target, design.participants, come.total, margins)


def _answers(study: Study, origin: str) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    rows = SurveyAnswer.objects.filter(
        participant__in=who_counts(study, origin), item__in=[*ITEMS.values(), COUNTRY_ITEM], value__isnull=False
    )
    for person, item, value in rows.values_list("participant_id", "item", "value"):
        found.setdefault(person, {})[item] = str(value)
    return found


def _margin(
    name: str, rows: Mapping[str, Shortfall], placed: Sequence[str | None], floor: Floor, target: str
) -> Margin:
    have = Counter(place or UNKNOWN for place in placed)
    known = [*rows, UNKNOWN] if have[UNKNOWN] else list(rows)
    shown = floor.counts(f"{target}.{name}", {line: have[line] for line in known})
    lines = tuple(_line(row, shown.cells[line]) for line, row in rows.items())
    return Margin(name, lines, unknown=shown.cells.get(UNKNOWN))


def _line(row: Shortfall, have: int | None) -> Line:
    return Line(row.line[0], row.share, row.wanted, have, None if have is None else max(row.wanted - have, 0))
