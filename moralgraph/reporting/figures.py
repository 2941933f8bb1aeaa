"""The figures of a report: rows of numbers with their intervals, from a report's content alone.

Rule that must stay true: a figure is a table first. Each row says its number in words, so that whoever cannot see the
drawing misses nothing; titles of cards come in as an argument and are the only words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import bidirectional

from elicit.charts import Interval
from moralgraph.algorithms.ranking import Standing

OF = "\u00a0/\u00a0"  # a count and what it is of stay on one line
MOST_ROWS = 12  # a reader compares a dozen lines at a glance; the tables have the rest
PERCENT = 100.0
LATENT_ORDER = "bradley_terry"  # the model of the places wherever there is a wisest set
RIGHT_TO_LEFT = {"R", "AL"}  # what Unicode calls the direction of a Hebrew and of an Arabic letter

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """Some intervals on one axis from `low` to `high`, with a line to compare with at `rule` where there is one."""

    name: str
    title: str
    rows: tuple[Interval, ...]
    low: float
    high: float
    rule: float | None = None


def figures(
    content: Record, *, titles: Mapping[str, str], contexts: Mapping[str, str], questions: Mapping[str, str]
) -> list[Figure]:
    """Return the figures of a report in the order of its pages, those without any row left out.

    Parameters
    ----------
    content
        What `moralgraph.reporting.content.report_content` returned.
    titles, contexts, questions
        What cards, contexts and the questions of the legitimacy table are called, by id and key; what has no name
        is called by its id.

    Examples
    --------
    >>> context = {"key": "c", "upgrades": [], "cards": [
    ...     {"card": "a", "position": 1, "low": 1, "high": 2, "first_share": 0.75, "is_wisest": True}]}
    >>> [figure] = figures({"contexts": [context], "legitimacy": []}, titles={"a": "Near"}, contexts={}, questions={})
    >>> figure.name, figure.rows[0].label, figure.rows[0].shown
    ('places-c', 'Near', '1 (1–2)')
    """
    made = [figure for found in content["contexts"] for figure in _of_context(found, titles, contexts)]
    made.append(legitimacy_figure(content["legitimacy"], questions))
    return [figure for figure in made if figure.rows]


def places_figure(found: Record, *, titles: Mapping[str, str], title: str = "") -> Figure:
    """Return the places of a context's cards, the first one first, each between the places where it may lie."""
    rows = found["cards"][:MOST_ROWS]
    of_one_model = says_who_came_first(found)
    last = max((row["high"] or row["position"] for row in found["cards"]), default=1)
    quarters = max(1, -(-(last - 1) // 4))  # so that each of the axis' five marks is a whole place
    return Figure(
        name=f"places-{found['key']}",
        title=title,
        rows=tuple(_place(row, titles, with_first=of_one_model) for row in rows),
        low=1,
        high=1 + 4 * quarters,
    )


def says_who_came_first(found: Record) -> bool:
    """Return whether the shares of resamples in which a value came first may stand beside its place.

    They are of the graph's own ranks. Beside places of another model, or where there is not enough evidence, they
    would speak against the verdict without being wrong.

    Examples
    --------
    >>> known = {"standing": "several", "cards": [{"first_share": 0.8}]}
    >>> [says_who_came_first({**known, "places_by": model}) for model in ("repaired", "bradley_terry")]
    [True, False]
    """
    if found.get("places_by") == LATENT_ORDER or found.get("standing") == Standing.NOT_ENOUGH_EVIDENCE:
        return False
    return any(row["first_share"] is not None for row in found["cards"])


def first_words(share: float | None) -> str:
    """Return a share of resamples in percent, never rounded up to all or down to none.

    Examples
    --------
    >>> [first_words(share) for share in (0.9975, 0.001, 1.0, 0.8, None)]
    ['> 99 %', '< 1 %', '100 %', '80 %', '']
    """
    if share is None:
        return ""
    percent = PERCENT * share
    if PERCENT - 1 < percent < PERCENT:
        return f"> {PERCENT - 1:.0f} %"
    return "< 1 %" if 0 < percent < 1 else f"{percent:.0f} %"


def upgrades_figure(found: Record, *, titles: Mapping[str, str], title: str = "") -> Figure:
    """Return the share that found the second of two values wiser, for the pairs that most people compared."""
    rows = tuple(_upgrade(row, titles) for row in found["upgrades"][:MOST_ROWS])
    return Figure(f"upgrades-{found['key']}", title, rows, low=0, high=PERCENT, rule=PERCENT / 2)


def legitimacy_figure(rows: Sequence[Record], questions: Mapping[str, str], *, title: str = "") -> Figure:
    """Return the share that said yes to each question about the process; None where it is held back."""
    drawn = tuple(
        Interval(questions.get(row["key"], row["key"]), *_percents(row), shown=percent_words(row), note=_of(row))
        for row in rows
    )
    return Figure("legitimacy", title, drawn, low=0, high=PERCENT)


def percent_words(row: Record) -> str:
    """Return a share with its interval in percent; nothing where it is held back.

    Examples
    --------
    >>> percent_words({"share": 0.5, "low": 0.334, "high": 0.666})
    '50 % (33–67)'
    """
    if row.get("share") is None:
        return ""
    return f"{PERCENT * row['share']:.0f} % ({PERCENT * row['low']:.0f}–{PERCENT * row['high']:.0f})"


def place_words(row: Record) -> str:
    """Return a place with the places between which it may lie, where these are known.

    Examples
    --------
    >>> place_words({"position": 2, "low": 1, "high": 4}), place_words({"position": 2, "low": None, "high": None})
    ('2 (1–4)', '2')
    """
    if row["low"] is None:
        return str(row["position"])
    return f"{row['position']} ({row['low']}–{row['high']})"


def arrow_after(words: str) -> str:
    """Return the arrow that points on from `words`: to the left where their first letter is read from right to left.

    A browser lays words out in the direction of their first letter (`dir="auto"`), but turns no arrow around.

    Examples
    --------
    >>> arrow_after("“Near”"), arrow_after("\u0642\u0631\u0628"), arrow_after("12")
    ('→', '←', '→')
    """
    kinds = map(bidirectional, words)
    first = next((kind for kind in kinds if kind == "L" or kind in RIGHT_TO_LEFT), "L")
    return "←" if first in RIGHT_TO_LEFT else "→"


def _of_context(found: Record, titles: Mapping[str, str], contexts: Mapping[str, str]) -> Iterator[Figure]:
    title = contexts.get(found["key"], found["key"])
    yield places_figure(found, titles=titles, title=title)
    yield upgrades_figure(found, titles=titles, title=title)


def _place(row: Record, titles: Mapping[str, str], *, with_first: bool) -> Interval:
    return Interval(
        titles.get(row["card"], row["card"]),
        row["position"],
        row["low"],
        row["high"],
        shown=place_words(row),
        note=first_words(row["first_share"]) if with_first else "",
    )


def _upgrade(row: Record, titles: Mapping[str, str]) -> Interval:
    first, second = (titles.get(row[end], row[end]) for end in ("first", "second"))
    pair = f"{first} {arrow_after(first)} {second}"
    return Interval(pair, *_percents(row), shown=percent_words(row), note=_of_compared(row))


def _percents(row: Record) -> tuple[float | None, float | None, float | None]:
    if row["share"] is None:
        return None, None, None
    return PERCENT * row["share"], PERCENT * row["low"], PERCENT * row["high"]


def _of(row: Record) -> str:
    return "" if row["share"] is None else f"{row['yes']}{OF}{row['answered']}"


def _of_compared(row: Record) -> str:
    return f"{row['wiser']}{OF}{row['compared']}"
