"""Results about groups as rows of tables and as sentences. "Too few to say" is the default, with its reason."""

from dataclasses import dataclass
from typing import TypeGuard

from django.utils.translation import gettext as _

from elicit.analysis.bridging import BridgingScore
from elicit.analysis.groups import Difference, GroupMean, Reason, Verdict
from elicit.analysis.polarisation import Polarisation
from elicit.charts import Interval
from elicit.results.groups import Grouping, GroupResults
from elicit.views.organizer.model_rows import signed


@dataclass(frozen=True)
class ModelTable:
    """One model's groups, and of how many something may be said."""

    model: str
    rows: tuple[Interval, ...]
    says: int


def findings(found: GroupResults, by: Grouping) -> list[str]:
    """Return what may be said of the differences between groups, as sentences, the largest first."""
    rows = [row for row in found.differences.findings if row.difference is not None]
    rows.sort(key=lambda row: -abs(row.difference or 0))
    return [_sentence(row, by) for row in rows]


def _sentence(row: Difference, by: Grouping) -> str:
    words = _("“%(group)s” rate %(model)s higher than the others do: %(number)s.")
    if row.verdict is Verdict.LOWER:
        words = _("“%(group)s” rate %(model)s lower than the others do: %(number)s.")
    return words % {"group": by.label(row.first), "model": row.model, "number": _number(row)}


def model_tables(found: GroupResults, by: Grouping) -> list[ModelTable]:
    """Return a table for each model, its groups in the order of the question's answers."""
    means = {(row.model, row.group): row for row in found.means}
    differences = {(row.model, row.first): row for row in found.differences.differences}
    tables = []
    for model in found.models:
        pairs = [(means[model, group], differences[model, group]) for group in by.in_order(list(found.people))]
        says = sum(row.verdict is not Verdict.TOO_FEW_TO_SAY for _mean, row in pairs)
        tables.append(ModelTable(model, tuple(_line(mean, row, by) for mean, row in pairs), says))
    return tables


def _line(mean: GroupMean, row: Difference, by: Grouping) -> Interval:
    label, more = by.label(mean.group), (_raw(mean), _number(row), verdict(row))
    if mean.pooled is None or mean.pooled_low is None or mean.pooled_high is None:
        return Interval(label, None, more=more)
    shown = signed(mean.pooled, mean.pooled_low, mean.pooled_high, digits=2)
    return Interval(
        label, mean.pooled, mean.pooled_low, mean.pooled_high, shown=shown, note=str(mean.people), more=more
    )


def _raw(row: GroupMean) -> str:
    if row.mean is None or row.low is None or row.high is None:
        return "–"
    return signed(row.mean, row.low, row.high, digits=2)


def _number(row: Difference) -> str:
    if row.difference is None or row.low is None or row.high is None:
        return "–"
    return signed(row.difference, row.low, row.high, digits=2)


def verdict(row: Difference) -> str:
    """Return what may be said of a difference; where it is nothing, why."""
    if row.verdict is Verdict.HIGHER:
        return _("Higher than the others")
    if row.verdict is Verdict.LOWER:
        return _("Lower than the others")
    return {
        Reason.BELOW_FLOOR: _("Too few to say: fewer than ten people or thirty ratings"),
        Reason.BOTH_SIGNS: _("Too few to say: it could be either way"),
        Reason.MANY_COMPARISONS: _("Too few to say: among so many comparisons it may be chance"),
    }.get(row.reason, _("Too few to say"))


def bridges(found: GroupResults, by: Grouping) -> list[Interval]:
    """Return each model's lowest group mean, whose it is, and its approval across groups; the best bridge first."""
    lines = [line for row in found.bridging if (line := _bridge(row, by))]
    return sorted(lines, key=lambda line: -(line.mid or 0))


def _bridge(row: BridgingScore, by: Grouping) -> Interval | None:
    numbers = (row.lowest, row.low, row.high, row.approval, row.approval_low, row.approval_high)
    if row.lowest_group is None or not all_known(numbers):
        return None
    lowest, low, high, approval, approval_low, approval_high = numbers
    said = {
        Verdict.HIGHER: _("Every group rates it above its people’s own average"),
        Verdict.LOWER: _("Some group rates it below its people’s own average"),
        Verdict.TOO_FEW_TO_SAY: _("Too few to say"),
    }[row.verdict]
    approved = f"{100 * approval:.0f} % ({100 * approval_low:.0f}–{100 * approval_high:.0f})"
    shown, group = signed(lowest, low, high, digits=2), by.label(row.lowest_group)
    return Interval(row.model, lowest, low, high, shown=shown, note=group, more=(approved, said))


def all_known(numbers: tuple[float | None, ...]) -> TypeGuard[tuple[float, ...]]:
    """Say whether every number is there."""
    return all(number is not None for number in numbers)


def divisions(found: GroupResults) -> list[Interval]:
    """Return how each model divides the people: two camps or one, and how much of it goes by group."""
    return [_division(row) for row in found.division if row.people is not None]


def _division(row: Polarisation) -> Interval:
    numbers, more = (row.bimodality, row.bimodality_low, row.bimodality_high), (_between_said(row),)
    if not all_known(numbers):
        return Interval(row.item, None, note=_camps_said(row), more=more)
    camps, low, high = numbers
    shown = f"{camps:.2f} ({low:.2f}–{high:.2f})"
    return Interval(row.item, camps, low, high, shown=shown, note=_camps_said(row), more=more)


def _camps_said(row: Polarisation) -> str:
    return {
        Verdict.HIGHER: _("Two camps are likelier than one"),
        Verdict.LOWER: _("One camp"),
        Verdict.TOO_FEW_TO_SAY: _("Too few to say"),
    }[row.has_two_camps]


def _between_said(row: Polarisation) -> str:
    if row.between is None:
        return "–"
    share = f"{100 * max(row.between, 0):.1f} %"
    if row.differs_by_group is Verdict.HIGHER:
        return _("%(share)s: the groups differ") % {"share": share}
    return _("%(share)s: too few to say that the groups differ") % {"share": share}
