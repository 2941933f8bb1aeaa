"""Turn numbers into the points of a drawing. Pure: no Django. A drawing never has more points than a screen shows."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_POINTS = 400
WIDTH, HEIGHT = 600, 200
NICE_STEPS = (1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)
FLAT = 1e-9  # a smaller spread, relative to the numbers, is drawn as a flat line

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """A range of values and the evenly spaced ticks that label it, lowest first."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Return how far along the axis `value` lies, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def finite_points(points: Iterable[Sequence[float | None]]) -> tuple[Point, ...]:
    """Return the points whose two numbers are known and finite, in order of x."""
    known = [(float(x), float(y)) for x, y in points if x is not None and y is not None]
    return tuple(sorted(point for point in known if all(map(math.isfinite, point))))


def downsample(points: Sequence[Point], *, most: int = MOST_POINTS) -> list[Point]:
    """Return at most `most` of the points: the first, the last and each bucket's extremes, so that spikes survive.

    >>> downsample([(0, 0), (1, 9), (2, 0)], most=400)
    [(0, 0), (1, 9), (2, 0)]
    """
    if len(points) <= most:
        return list(points)
    inner = points[1:-1]
    buckets = (most - 2) // 2
    kept = [points[0]]
    for i in range(buckets):
        bucket = inner[i * len(inner) // buckets : (i + 1) * len(inner) // buckets]
        kept.extend(sorted({min(bucket, key=lambda p: p[1]), max(bucket, key=lambda p: p[1])}))
    return [*kept, points[-1]]


def nice_axis(low: float, high: float, *, most_ticks: int = 5) -> Axis:
    """Return an axis of round numbers that covers `low` to `high` with at most `most_ticks` ticks.

    >>> nice_axis(1.03, 2.17).ticks
    (0.8, 1.2, 1.6, 2.0, 2.4)
    """
    tiny = FLAT * max(1.0, abs(low), abs(high))
    span = high - low if high - low > tiny else max(1.0, abs(high))
    rough = span / (most_ticks - 2)
    size = 10 ** math.floor(math.log10(rough))
    step = next(nice * size for nice in NICE_STEPS if nice * size >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    ticks = tuple(round(i * step, 10) for i in range(first, last + 1))
    return Axis(low=ticks[0], high=ticks[-1], ticks=ticks)


def polyline(points: Sequence[Point], *, x: Axis, y: Axis) -> str:
    """Return the points as an SVG `points` attribute in a box of WIDTH by HEIGHT, y upwards."""
    return " ".join(f"{x.share(px) * WIDTH:.1f},{HEIGHT - y.share(py) * HEIGHT:.1f}" for px, py in points)


def tidy(value: float) -> str:
    """Return a number as short as it can be said: 1200, 0.5, 1.08.

    >>> tidy(1200.0), tidy(0.5), tidy(1.0834)
    ('1,200', '0.5', '1.083')
    """
    if value and abs(value) < 0.001:
        return f"{value:.1e}"
    return f"{value:,.3f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Series:
    """One line of a chart: its name, its look and its points in order of x."""

    name: str
    look: str
    points: tuple[Point, ...]

    @property
    def first(self) -> str:
        """The first number in words."""
        return tidy(self.points[0][1])

    @property
    def last(self) -> str:
        """The last number in words."""
        return tidy(self.points[-1][1])


@dataclass(frozen=True)
class LineChart:
    """Some series, none of them empty, on axes that cover them all."""

    series: tuple[Series, ...]
    x: Axis
    y: Axis

    @property
    def lines(self) -> list[tuple[Series, str]]:
        """Each series with the points to draw."""
        return [(one, polyline(downsample(one.points), x=self.x, y=self.y)) for one in self.series]

    @property
    def rules(self) -> list[str]:
        """The heights of the horizontal rules."""
        return [f"{HEIGHT * (1 - self.y.share(tick)):.1f}" for tick in self.y.ticks]

    @property
    def x_ticks(self) -> list[str]:
        """The labels under the drawing, from low to high."""
        return [tidy(tick) for tick in self.x.ticks]

    @property
    def y_ticks(self) -> list[str]:
        """The labels beside the drawing, from high to low."""
        return [tidy(tick) for tick in reversed(self.y.ticks)]


def line_chart(series: Iterable[Series]) -> LineChart | None:
    """Return the chart of the series that have points, or None where none has."""
    drawn = tuple(one for one in series if one.points)
    if not drawn:
        return None
    xs, ys = zip(*(point for one in drawn for point in one.points), strict=True)
    return LineChart(series=drawn, x=nice_axis(min(xs), max(xs)), y=nice_axis(min(ys), max(ys)))


@dataclass(frozen=True)
class Interval:
    """A number with the interval around it, under the words that it belongs to.

    `shown` is the number in words, `note` and `more` what stands beside it. Where there is nothing to show, `mid` is
    None and `note` says why.
    """

    label: str
    mid: float | None
    low: float | None = None
    high: float | None = None
    shown: str = ""
    note: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class DrawnInterval:
    """An interval with the places of its ends and its middle on the common axis, from 0 to WIDTH."""

    interval: Interval
    low: str
    mid: str
    high: str


@dataclass(frozen=True)
class IntervalChart:
    """Intervals under each other on one axis. `rule` is the place of a line to compare with, if it is on the axis."""

    rows: tuple[DrawnInterval, ...]
    axis: Axis
    rule: str

    @property
    def ticks(self) -> list[str]:
        """The labels of the axis, from low to high."""
        return [tidy(tick) for tick in self.axis.ticks]


def interval_chart(
    rows: Iterable[Interval], *, low: float | None = None, high: float | None = None, rule: float | None = None
) -> IntervalChart | None:
    """Return the chart of some intervals, or None where none has a number.

    The axis covers every interval, and `low` and `high` where they are given.
    """
    given = tuple(rows)
    ends = [end for row in given for end in (row.low, row.mid, row.high) if end is not None]
    if not ends:
        return None
    axis = _axis(low, high, ends)
    is_ruled = rule is not None and axis.low <= rule <= axis.high
    drawn = tuple(_drawn(row, axis) for row in given)
    return IntervalChart(rows=drawn, axis=axis, rule=_place(rule, axis) if is_ruled else "")


def _axis(low: float | None, high: float | None, ends: list[float]) -> Axis:
    """Return the scale that the numbers stand on, in quarters, or round numbers around them where there is none."""
    if low is not None and high is not None and low <= min(ends) and max(ends) <= high:
        return Axis(low, high, tuple(low + (high - low) * quarter / 4 for quarter in range(5)))
    ends = [*ends, *(end for end in (low, high) if end is not None)]
    return nice_axis(min(ends), max(ends))


def _drawn(row: Interval, axis: Axis) -> DrawnInterval:
    return DrawnInterval(row, _place(row.low, axis), _place(row.mid, axis), _place(row.high, axis))


def _place(value: float | None, axis: Axis) -> str:
    return "" if value is None else f"{axis.share(value) * WIDTH:.1f}"
