"""Draw a part of the graph in layers: along a line, up is wiser.

Rule: width, dashes, place and words carry the meaning; colour marks the chosen path alone. Every value is a link. The
height of a value is its place along its upgrades alone: the page never says that it means more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import sqrt

from moralgraph.algorithms.layout import Box, Link, Placed, Route, layered_layout
from moralgraph.algorithms.records import Edge
from moralgraph.explorer.marks import Marks
from moralgraph.explorer.selection import Selection

STAGE_WIDTH = 720.0  # parts of a graph stand beside each other within this, as the stage is about as wide
MARGIN = 28.0
THINNEST, THICKEST = 1.25, 5.0
LEAST_DOUBLE = 3.75  # a thinner line cannot be seen to be double
LARGEST = 1.3  # how much larger than the smallest the highest-ranked card is
DISPUTED_UNDER = 0.6
ARROW_LENGTH, ARROW_HALF = 8.0, 4.0
LINE_HEIGHT = 15.0
BASELINE = 4.5
CORNER = 9


@dataclass(frozen=True)
class Node:
    """A value as drawn."""

    id: str
    title: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    lines: tuple[tuple[float, str], ...]
    href: str
    label: str
    is_selected: bool
    is_path: bool


@dataclass(frozen=True)
class Line:
    """An upgrade as drawn."""

    first: str
    second: str
    path: str
    arrow: str
    width: float
    label: str
    is_disputed: bool
    is_down: bool
    is_contested: bool
    is_circling: bool
    is_path: bool

    @property
    def groove(self) -> float:
        """How wide the empty middle is of a line that contradicts others: it is drawn double."""
        return round(max(self.width - 2 * THINNEST, self.width / 3), 2)


@dataclass(frozen=True)
class Picture:
    """The whole drawing."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    has_focus: bool
    corner: int = CORNER

    @property
    def entry(self) -> str:
        """The value at which the keyboard comes in: the chosen one, else the first."""
        chosen = [node.id for node in self.nodes if node.is_selected]
        return next(iter([*chosen, *(node.id for node in self.nodes)]), "")


def draw(
    selection: Selection,
    *,
    titles: Mapping[str, str],
    ranks: Mapping[str, float],
    found: frozenset[str],
    href: Callable[[str], str],
    label: Callable[[str], str],
    words: Callable[[Edge, bool], str],
    marks: Marks,
) -> Picture:
    """Draw what is selected; `found` are cards that a search is looking for."""
    shown = selection.shown
    highest = max((ranks.get(card, 0.0) for card in shown.cards), default=0.0) or 1.0
    boxes = [_box(card, titles[card], share=ranks.get(card, 0.0) / highest) for card in shown.cards]
    links = [Link(edge.first, edge.second, float(edge.counts.wiser)) for edge in shown.edges]
    layout = layered_layout(boxes, links, width=STAGE_WIDTH)
    edges = {(edge.first, edge.second): edge for edge in shown.edges}
    most = max((edge.compared for edge in shown.edges), default=1)
    lines = [
        _line(route, edges[route.first, route.second], selection, most=most, words=words, marks=marks)
        for route in layout.routes
    ]
    marked = found or selection.on_path
    nodes = [_node(box, titles, selection, marked=marked, href=href, label=label) for box in layout.boxes]
    return Picture(
        width=round(layout.width + 2 * MARGIN, 1),
        height=round(layout.height + 2 * MARGIN, 1),
        nodes=tuple(sorted(nodes, key=lambda node: (node.y, node.x))),
        lines=tuple(sorted(lines, key=lambda line: line.is_path)),
        has_focus=bool(found or selection.focus),
    )


def _box(card: str, title: str, *, share: float) -> Box:
    plain = Box.of(card, title)
    scale = 1 + (LARGEST - 1) * share
    return Box(card, plain.width * scale, plain.height * scale, plain.lines)


def _node(
    box: Placed,
    titles: Mapping[str, str],
    selection: Selection,
    *,
    marked: frozenset[str],
    href: Callable[[str], str],
    label: Callable[[str], str],
) -> Node:
    middle = box.x + MARGIN + box.width / 2
    top = box.y + MARGIN + box.height / 2 - LINE_HEIGHT * (len(box.lines) - 1) / 2 + BASELINE
    return Node(
        id=box.id,
        title=titles[box.id],
        x=round(box.x + MARGIN, 1),
        y=round(box.y + MARGIN, 1),
        width=round(box.width, 1),
        height=round(box.height, 1),
        middle=round(middle, 1),
        lines=tuple((round(top + number * LINE_HEIGHT, 1), text) for number, text in enumerate(box.lines)),
        href=href(box.id),
        label=label(box.id),
        is_selected=box.id == selection.focus,
        is_path=box.id in marked,
    )


def _line(
    route: Route, edge: Edge, selection: Selection, *, most: int, words: Callable[[Edge, bool], str], marks: Marks
) -> Line:
    moved = route.moved(MARGIN, MARGIN)
    width = round(THINNEST + (THICKEST - THINNEST) * sqrt(edge.compared / most), 2)
    if marks.is_contested(edge) or marks.is_circling(edge) or route.is_down:
        width = max(width, LEAST_DOUBLE)
    return Line(
        first=edge.first,
        second=edge.second,
        path=_blunt(moved, width=width).path,
        arrow=_arrow(moved, width=width),
        width=width,
        label=words(edge, route.is_down),
        is_disputed=edge.agreement < DISPUTED_UNDER,
        is_down=route.is_down,
        is_contested=marks.is_contested(edge),
        is_circling=marks.is_circling(edge),
        is_path=bool(selection.focus) and selection.is_path(edge),
    )


def _arrow(route: Route, *, width: float) -> str:
    """Return a triangle whose point is the end of the line; lines arrive straight up, or straight down."""
    x, y = route.end
    half = ARROW_HALF + width / 2
    base = y - _back(route, width)
    return f"M{x:.1f} {y:.1f}L{x - half:.1f} {base:.1f}H{x + half:.1f}Z"


def _blunt(route: Route, *, width: float) -> Route:
    """End the line inside its arrow, so that a thick one does not stick out at the point."""
    first, second, (x, y) = route.pieces[-1]
    return replace(route, pieces=(*route.pieces[:-1], (first, second, (x, y - _back(route, width) / 2))))


def _back(route: Route, width: float) -> float:
    length = ARROW_LENGTH + width / 2
    return length if route.is_down else -length
