"""Place a moral graph so that "up = wiser" can be read before any arrow is.

Each connected part is drawn in layers, starting points below and wiser cards above; parts stand side by side in rows.
Where upgrades contradict each other in a circle, the weakest is drawn downward and marked.

Rule that must stay true: the same graph gives the same picture, no two cards overlap, no line crosses a card, and every
upgrade that is not marked as pointing down ends above its start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from moralgraph.algorithms.layout.coordinates import place_part
from moralgraph.algorithms.layout.layers import build_layers
from moralgraph.algorithms.layout.shapes import Box, Layout, LayoutError, Link, Part, Placed, Route, wrap_label

__all__ = ["Box", "Layout", "LayoutError", "Link", "Placed", "Route", "layered_layout", "wrap_label"]

PART_GAP = 56.0
USUAL_WIDTH = 1200.0


def layered_layout(boxes: Iterable[Box], links: Iterable[Link], *, width: float = USUAL_WIDTH) -> Layout:
    """Place boxes and links in layers, "up = wiser"; x grows to the right and y grows down.

    Parameters
    ----------
    boxes
        What to place; sizes in the same unit as the result.
    links
        Upgrades: the second is wiser than the first. Heavier links keep their direction where they form a circle.
    width
        Width that rows of parts try to keep; a part that is wider has its own row.

    Raises
    ------
    LayoutError
        If an id is used twice, a link is given twice, leads nowhere, or leads from a box to itself.

    References
    ----------
    Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981); the choice
    of links to turn follows Tideman's ranked pairs (1987).

    Examples
    --------
    >>> placed = layered_layout([Box.of("a", "Winning"), Box.of("b", "Playing well")], [Link("a", "b")])
    >>> low, high = placed.boxes
    >>> low.y > high.y + high.height, placed.routes[0].is_down
    (True, False)
    """
    known = sorted(boxes, key=lambda box: box.id)
    joined = sorted(links, key=lambda link: (link.first, link.second))
    _refuse_wrong(known, joined)
    parts = [place_part(build_layers(members, inside)) for members, inside in _split(known, joined)]
    return _shelved(parts, width=width)


def _refuse_wrong(boxes: Sequence[Box], links: Sequence[Link]) -> None:
    ids = {box.id for box in boxes}
    if len(ids) < len(boxes):
        twice = next(box.id for box, after in zip(boxes, boxes[1:], strict=False) if box.id == after.id)
        raise LayoutError(f"box {twice!r} is given twice; give each box once")
    for link in links:
        if link.first == link.second:
            raise LayoutError(f"a link leads from {link.first!r} to itself; leave it out")
        if link.first not in ids or link.second not in ids:
            raise LayoutError(f"link {link.first!r} to {link.second!r}: no such box; give a box for both ends")
    if len({(link.first, link.second) for link in links}) < len(links):
        raise LayoutError("a link is given twice; add its weights up first")


def _split(boxes: Sequence[Box], links: Sequence[Link]) -> list[tuple[list[Box], list[Link]]]:
    """Split into connected parts, the largest first, then by id."""
    near: dict[str, list[str]] = {box.id: [] for box in boxes}
    for link in links:
        near[link.first].append(link.second)
        near[link.second].append(link.first)
    part_of: dict[str, int] = {}
    for number, box in enumerate(boxes):
        waiting = [] if box.id in part_of else [box.id]
        while waiting:
            here = waiting.pop()
            if here not in part_of:
                part_of[here] = number
                waiting.extend(near[here])
    found: dict[int, tuple[list[Box], list[Link]]] = {}
    for box in boxes:
        found.setdefault(part_of[box.id], ([], []))[0].append(box)
    for link in links:
        found[part_of[link.first]][1].append(link)
    return sorted(found.values(), key=lambda part: (-len(part[0]), part[0][0].id))


def _shelved(parts: Sequence[Part], *, width: float) -> Layout:
    """Stand the parts on shelves at most `width` wide; the first of a shelf sets its height, short ones are stacked."""
    room = max([width, *(part.width for part in parts)])
    boxes: list[Placed] = []
    routes: list[Route] = []
    columns: list[_Column] = []
    shelf = bottom = right = 0.0
    for number, part in enumerate(parts):
        column = next((each for each in columns if each.holds(part, bottom=bottom)), None)
        if column is None:
            left = columns[-1].left + columns[-1].width + PART_GAP if columns else 0.0
            if columns and left + part.width > room:
                columns, left, shelf = [], 0.0, bottom + PART_GAP
            column = _Column(left=left, width=part.width, top=shelf)
            columns.append(column)
        boxes.extend(replace(box, x=box.x + column.left, y=box.y + column.top, part=number) for box in part.boxes)
        routes.extend(route.moved(column.left, column.top) for route in part.routes)
        bottom = max(bottom, column.top + part.height)
        right = max(right, column.left + part.width)
        column.top += part.height + PART_GAP
    boxes.sort(key=lambda box: box.id)
    routes.sort(key=lambda route: (route.first, route.second))
    return Layout(width=right, height=bottom, boxes=tuple(boxes), routes=tuple(routes))


@dataclass
class _Column:
    """A column of a shelf: its place, and where the next part would stand."""

    left: float
    width: float
    top: float

    def holds(self, part: Part, *, bottom: float) -> bool:
        return part.width <= self.width and self.top + part.height <= bottom
