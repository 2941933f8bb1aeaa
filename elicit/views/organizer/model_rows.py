"""Results about models as rows of tables: numbers with their intervals, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from elicit.analysis.means import Mean
from elicit.charts import Interval
from elicit.results.models import Ranking
from elicit.results.society import ForEverybody
from elicit.results.style import Effect, Style


def signed(value: float, low: float, high: float, *, digits: int = 1) -> str:
    """Return a difference with its interval, each with its sign.

    >>> signed(1.234, -0.5, 3)
    '+1.2 (-0.5 to +3.0)'
    """
    return _("%(value)s (%(low)s to %(high)s)") % {
        "value": f"{value:+.{digits}f}",
        "low": f"{low:+.{digits}f}",
        "high": f"{high:+.{digits}f}",
    }


def plain(mean: Mean) -> str:
    """Return a mean with its interval.

    >>> plain(Mean(50, 40.04, 60))
    '50.0 (40.0–60.0)'
    """
    return f"{mean.value:.1f} ({mean.low:.1f}–{mean.high:.1f})"


def strengths(ranking: Ranking) -> list[Interval]:
    """Return the models' strengths with their probable ranks."""
    rows = []
    for model in ranking.models:
        shown = signed(model.strength, model.low, model.high, digits=2)
        ranks = str(model.rank_low) if model.rank_low == model.rank_high else f"{model.rank_low}–{model.rank_high}"
        rows.append(Interval(model.name, model.strength, model.low, model.high, shown=shown, note=ranks))
    return rows


def features_of_style(style: Style | None) -> list[Interval]:
    """Return what each feature of style is worth, in words."""
    words = {
        "length": _("A hundred characters more"),
        "line_breaks": _("A line break somewhere"),
        "question": _("A question at the end"),
        "enumeration": _("A list"),
        "de_anthropomorphic": _("Says that it is no person (English)"),
        "refusal": _("Refuses (English)"),
        "self_identification": _("Names itself or its maker (English)"),
    }
    return [_effect(one, words[one.name]) for one in style.features] if style else []


def held_equal(style: Style | None) -> list[Interval]:
    """Return the models among answers alike in style, with what they are worth otherwise beside it."""
    if style is None:
        return []
    rows = zip(style.models, style.plain, strict=True)
    return [_effect(one, one.name, note=f"{without:+.1f}") for one, without in rows]


def _effect(one: Effect, label: str, *, note: str = "") -> Interval:
    return Interval(label, one.value, one.low, one.high, shown=signed(one.value, one.low, one.high), note=note)


def society_rows(found: Sequence[ForEverybody]) -> list[Interval]:
    """Return each model's worth for everybody, with that for oneself and the difference beside it."""
    return [
        Interval(
            one.model, one.society.value, one.society.low, one.society.high, shown=plain(one.society),
            note=str(one.people), more=(plain(one.personal), difference(one.difference)),
        )
        for one in found
    ]  # fmt: skip


def difference(mean: Mean) -> str:
    """Return a mean difference with its interval."""
    return signed(mean.value, mean.low, mean.high)
