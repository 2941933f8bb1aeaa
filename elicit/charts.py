"""Turn numbers into the points of a drawing. Pure: no Django. A drawing never has more points than a screen can show."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_POINTS = 400
WIDTH, HEIGHT = 600, 200
NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

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


def finite_points(points: Iterable[Sequence[float | None]]) -> list[Point]:
    """Return the points whose two numbers are known and finite, in order of x."""
    known = [(float(x), float(y)) for x, y in points if x is not None and y is not None]
    return sorted(point for point in known if all(map(math.isfinite, point)))


def downsample(points: Sequence[Point], *, most: int = MOST_POINTS) -> list[Point]:
    """Return at most `most` of the points, keeping the first, the last and each bucket's extremes, so that spikes survive.

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
    (1.0, 1.5, 2.0, 2.5)
    """
    span = (high - low) or abs(high) or 1.0
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
