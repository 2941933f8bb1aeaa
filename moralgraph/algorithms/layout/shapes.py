"""What the layout reads and returns: boxes, links, places and paths.

Rule that must stay true: a label is never cut without a sign, and a box is large enough for its lines.
"""

import unicodedata
from dataclasses import dataclass
from typing import Self

LABEL_COLUMNS = 18
LABEL_LINES = 3
COLUMN_WIDTH = 7.0
LINE_HEIGHT = 16.0
PADDING_X = 12.0
PADDING_Y = 10.0
LEAST_WIDTH = 84.0
CUT = "…"
WIDE = ("W", "F")

Point = tuple[float, float]


class LayoutError(ValueError):
    """The boxes and links are not a graph that can be placed; the message names the one that is wrong."""


@dataclass(frozen=True)
class Box:
    """A card to place: its id, its size and the lines of its label."""

    id: str
    width: float
    height: float
    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, key: str, label: str, *, scale: float = 1.0) -> Self:
        """Wrap a label and make a box of the size that it needs; `scale` enlarges box and letters alike.

        Examples
        --------
        >>> Box.of("7", "Respecting boundaries and guiding support").lines
        ('Respecting', 'boundaries and', 'guiding support')
        """
        lines = wrap_label(label)
        columns = max(columns_of(line) for line in lines)
        width = max(LEAST_WIDTH, columns * COLUMN_WIDTH + 2 * PADDING_X)
        return cls(key, width * scale, (len(lines) * LINE_HEIGHT + 2 * PADDING_Y) * scale, lines)


@dataclass(frozen=True)
class Link:
    """An upgrade to draw: `second` is wiser than `first`."""

    first: str
    second: str
    weight: float = 1.0


@dataclass(frozen=True)
class Placed:
    """A box with its place: left, top, layer (0 = lowest) and the number of its connected part."""

    id: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    layer: int
    part: int = 0


@dataclass(frozen=True)
class Route:
    """The line of an upgrade from `first` to `second`: a start, then cubic pieces (two controls and an end each)."""

    first: str
    second: str
    is_down: bool
    start: Point
    pieces: tuple[tuple[Point, Point, Point], ...]

    @property
    def end(self) -> Point:
        """Where the arrow head belongs."""
        return self.pieces[-1][2]

    @property
    def path(self) -> str:
        """The `d` attribute of an SVG path."""
        curves = " ".join(f"C{_written(one)} {_written(two)} {_written(end)}" for one, two, end in self.pieces)
        return f"M{_written(self.start)} {curves}"

    def moved(self, right: float, down: float) -> "Route":
        """Return the line moved by a distance."""
        return Route(
            first=self.first,
            second=self.second,
            is_down=self.is_down,
            start=(self.start[0] + right, self.start[1] + down),
            pieces=tuple(
                ((a[0] + right, a[1] + down), (b[0] + right, b[1] + down), (c[0] + right, c[1] + down))
                for a, b, c in self.pieces
            ),
        )


@dataclass(frozen=True)
class Part:
    """One connected part, placed with its left top at (0, 0)."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Layout:
    """The whole picture: its size, its boxes by id, its lines by ends."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    routes: tuple[Route, ...]


def _written(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"


def columns_of(text: str) -> int:
    """Count the columns that a text takes; wide letters take two, combining marks none.

    Examples
    --------
    >>> columns_of("care"), columns_of("智慧")
    (4, 4)
    """
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in WIDE else 1 for each in text
    )


def wrap_label(label: str, *, columns: int = LABEL_COLUMNS, lines: int = LABEL_LINES) -> tuple[str, ...]:
    """Break a label into lines at spaces, long words anywhere, and mark with an ellipsis what does not fit.

    Examples
    --------
    >>> wrap_label("Comprehensive exploration and experiential learning together")
    ('Comprehensive', 'exploration and', 'experiential…')
    """
    broken = [""]
    for word in [piece for whole in label.split() for piece in _pieces(whole, columns=columns)]:
        longer = f"{broken[-1]} {word}".strip()
        if columns_of(longer) <= columns:
            broken[-1] = longer
        else:
            broken.append(word)
    if len(broken) <= lines:
        return tuple(broken)
    last = broken[lines - 1]
    while columns_of(last) > columns - 1:
        last = last[:-1]
    return (*broken[: lines - 1], last.rstrip() + CUT)


def _pieces(word: str, *, columns: int) -> list[str]:
    pieces = [""]
    for each in word:
        if columns_of(pieces[-1] + each) > columns:
            pieces.append("")
        pieces[-1] += each
    return pieces
