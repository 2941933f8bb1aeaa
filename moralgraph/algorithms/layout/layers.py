"""Give each card of a connected part a layer and a place in it, so that few lines cross.

Rule that must stay true: every link joins a lower layer to a higher one, in steps of one layer, through a bend in each
layer between. A link that points down is turned only if heavier links contradict it.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass

from moralgraph.algorithms.layout.shapes import Box, Link

SWEEPS = 24
PATIENCE = 8


@dataclass(frozen=True)
class Strand:
    """A link as drawn: the points that it visits from low to high (box, bends, box), and whether it points down."""

    link: Link
    points: tuple[int, ...]
    is_down: bool


@dataclass(frozen=True)
class Layers:
    """A part in layers: points below `len(boxes)` are boxes, the others bends; rows run from low to high."""

    boxes: tuple[Box, ...]
    rows: tuple[tuple[int, ...], ...]
    strands: tuple[Strand, ...]


def build_layers(boxes: Sequence[Box], links: Sequence[Link]) -> Layers:
    """Layer and order one connected part; boxes and links come sorted by id."""
    code = {box.id: number for number, box in enumerate(boxes)}
    ends = [(code[link.first], code[link.second]) for link in links]
    down = turned_links(ends, [link.weight for link in links], size=len(boxes))
    upward = [(b, a) if is_down else (a, b) for (a, b), is_down in zip(ends, down, strict=True)]
    layer = layer_of(upward, size=len(boxes))
    strands: list[Strand] = []
    bend_layers: list[int] = []
    for link, (low, high), is_down in zip(links, upward, down, strict=True):
        between = range(layer[low] + 1, layer[high])
        bends = [len(boxes) + len(bend_layers) + step for step in range(len(between))]
        bend_layers.extend(between)
        strands.append(Strand(link, (low, *bends, high), is_down))
    rows = _ordered([*layer, *bend_layers], [strand.points for strand in strands])
    return Layers(tuple(boxes), tuple(tuple(row) for row in rows), tuple(strands))


def turned_links(ends: Sequence[tuple[int, int]], weights: Sequence[float], *, size: int) -> list[bool]:
    """Add links from heavy to light; turn each that would close a circle of those added before (ranked pairs)."""
    above: list[list[int]] = [[] for _ in range(size)]
    turned = [False] * len(ends)
    for number in sorted(range(len(ends)), key=lambda each: (-weights[each], each)):
        low, high = ends[number]
        if _reaches(high, low, above):
            turned[number] = True
        else:
            above[low].append(high)
    return turned


def _reaches(start: int, goal: int, above: Sequence[Sequence[int]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        new = [each for each in above[here] if each not in seen]
        seen.update(new)
        waiting.extend(new)
    return False


def layer_of(upward: Sequence[tuple[int, int]], *, size: int) -> list[int]:
    """Layer by the longest way from below, then pull each starting point up to just under its lowest target."""
    above: list[list[int]] = [[] for _ in range(size)]
    below = [0] * size
    for low, high in upward:
        above[low].append(high)
        below[high] += 1
    left = list(below)
    layer = [0] * size
    ready = [each for each in range(size) if below[each] == 0]
    for here in ready:
        for high in above[here]:
            layer[high] = max(layer[high], layer[here] + 1)
            left[high] -= 1
            if left[high] == 0:
                ready.append(high)
    for here in reversed(ready):
        lighter = below[here] < len(set(above[here]))
        if above[here] and lighter:
            layer[here] = min(layer[high] for high in above[here]) - 1
    lowest = min(layer)
    return [each - lowest for each in layer]


def _ordered(layer: Sequence[int], paths: Sequence[Sequence[int]]) -> list[list[int]]:
    """Order each row by sweeps of barycentres and swaps of neighbours; keep the best order that was seen."""
    lower: list[list[int]] = [[] for _ in layer]
    upper: list[list[int]] = [[] for _ in layer]
    for path in paths:
        for low, high in zip(path, path[1:], strict=False):
            upper[low].append(high)
            lower[high].append(low)
    rows = _first_order(layer, lower, upper)
    place = _places_of(rows, size=len(layer))
    best, fewest, stale = rows, _all_crossings(rows, upper, place), 0
    for sweep in range(SWEEPS if fewest else 0):
        rows = [list(row) for row in rows]
        _sweep(rows, lower if sweep % 2 == 0 else upper, place, upwards=sweep % 2 == 0)
        _swap_neighbours(rows, lower, upper, place)
        crossings = _all_crossings(rows, upper, place)
        stale = stale + 1
        if crossings < fewest:
            best, fewest, stale = rows, crossings, 0
        if fewest == 0 or stale > PATIENCE:
            break
    return best


def _first_order(layer: Sequence[int], lower: Sequence[list[int]], upper: Sequence[list[int]]) -> list[list[int]]:
    """Order each row as a walk through the part meets its points, so that neighbours start near each other."""
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    seen = [False] * len(layer)
    for start in range(len(layer)):
        waiting = [start]
        while waiting:
            here = waiting.pop()
            if not seen[here]:
                seen[here] = True
                rows[layer[here]].append(here)
                waiting.extend(sorted({*lower[here], *upper[here]}, reverse=True))
    return rows


def _sweep(rows: list[list[int]], near: Sequence[list[int]], place: list[int], *, upwards: bool) -> None:
    """Order each row by the mean place of its neighbours in the row before; `place` follows."""
    for number in range(1, len(rows)) if upwards else range(len(rows) - 2, -1, -1):
        row = rows[number]
        middle = {}
        for point in row:
            neighbours = near[point]
            middle[point] = sum([place[each] for each in neighbours]) / len(neighbours) if neighbours else place[point]
        row.sort(key=middle.__getitem__)
        for position, point in enumerate(row):
            place[point] = position


def _swap_neighbours(
    rows: list[list[int]], lower: Sequence[list[int]], upper: Sequence[list[int]], place: list[int]
) -> None:
    """Swap two neighbours of a row wherever that takes crossings away; `place` follows."""
    for row in rows:
        for left in range(len(row) - 1):
            one, two = row[left], row[left + 1]
            gain = 0
            for near in (lower, upper):
                twos = [place[each] for each in near[two]]
                for each in near[one] if twos else ():
                    a = place[each]
                    for b in twos:
                        gain += (a > b) - (b > a)
            if gain > 0:
                row[left], row[left + 1] = two, one
                place[one], place[two] = left + 1, left


def _all_crossings(rows: Sequence[Sequence[int]], upper: Sequence[list[int]], place: Sequence[int]) -> int:
    """Count the pairs of lines that cross: for each line, those further left that end further right."""
    crossings = 0
    for row in rows:
        seen: list[int] = []
        for point in row:
            ends = [place[each] for each in upper[point]]
            if seen:
                crossings += sum([len(seen) - bisect_right(seen, end) for end in ends])
            for end in ends:
                insort(seen, end)
    return crossings


def _places_of(rows: Sequence[Sequence[int]], *, size: int) -> list[int]:
    place = [0] * size
    for row in rows:
        for position, point in enumerate(row):
            place[point] = position
    return place
