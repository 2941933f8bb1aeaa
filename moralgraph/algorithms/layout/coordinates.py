"""Give ordered layers their coordinates, and draw the lines between them.

Places in a row are the weighted least-squares fit to where their neighbours are, under the condition that nothing
overlaps; long lines pull hardest, so they run straight.

Rule that must stay true: lines turn only in the gaps between layers; within a layer they run straight up, beside cards.
"""

from collections.abc import Sequence

from moralgraph.algorithms.layout.layers import Layers, Strand
from moralgraph.algorithms.layout.shapes import Part, Placed, Point, Route

BOX_GAP = 24.0
LINE_GAP = 16.0
BESIDE_BOX = 18.0
PULLS = (1.0, 2.0, 8.0)
ROUNDS = 40
VISIBLE_STEP = 0.05  # paths are written with one decimal
LEAST_GAP = 52.0
MOST_GAP = 120.0
GAP_PER_SHIFT = 0.16
PORT_GAP = 16.0
PORT_MARGIN = 12.0


def place_part(part: Layers) -> Part:
    """Place one connected part with its left top at (0, 0)."""
    x = _places(part)
    left = min(x[point] - _half(part, point) for row in part.rows for point in row)
    x = [each - left for each in x]
    width = max(x[point] + _half(part, point) for row in part.rows for point in row)
    bands = _bands(part, x)
    boxes = _placed(part, x, bands)
    leave, arrive = _ports(part, x)
    routes = [
        _route(part, strand, x, bands, boxes, leave=leave[number], arrive=arrive[number])
        for number, strand in enumerate(part.strands)
    ]
    return Part(width=width, height=bands[0][1], boxes=tuple(boxes), routes=tuple(routes))


def _half(part: Layers, point: int) -> float:
    return part.boxes[point].width / 2 if point < len(part.boxes) else 0.0


def _apart(part: Layers, left: int, right: int) -> float:
    """Return the least distance between the middles of two neighbours in a row."""
    bends = (left >= len(part.boxes)) + (right >= len(part.boxes))
    return _half(part, left) + _half(part, right) + (BOX_GAP, BESIDE_BOX, LINE_GAP)[bends]


def _places(part: Layers) -> list[float]:
    """Relax the middles of all points, row by row, down and up, until nothing moves by a visible step."""
    size = sum(len(row) for row in part.rows)
    near: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    for strand in part.strands:
        for low, high in zip(strand.points, strand.points[1:], strict=False):
            pull = PULLS[(low >= len(part.boxes)) + (high >= len(part.boxes))]
            near[low].append((high, pull))
            near[high].append((low, pull))
    pulled = [sum([pull for _, pull in each]) or 1.0 for each in near]
    x = [0.0] * size
    apart = [[_apart(part, *pair) for pair in zip(row, row[1:], strict=False)] for row in part.rows]
    for row, gaps in zip(part.rows, apart, strict=True):
        place = -sum(gaps) / 2
        for point, gap in zip(row, [*gaps, 0.0], strict=True):
            x[point] = place
            place += gap
    rows = [(row, gaps, [pulled[point] for point in row]) for row, gaps in zip(part.rows, apart, strict=True)]
    for number in range(ROUNDS if len(rows) > 1 else 0):
        moved = 0.0
        for row, gaps, weights in rows if number % 2 else reversed(rows):
            wished = [
                sum([x[each] * pull for each, pull in near[p]]) / weight if near[p] else x[p]
                for p, weight in zip(row, weights, strict=True)
            ]
            for point, place in zip(row, _nearest_places(wished, weights, gaps), strict=True):
                moved = max(moved, abs(x[point] - place))
                x[point] = place
        if moved < VISIBLE_STEP:
            break
    return x


def _nearest_places(wished: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return the places nearest to the wished ones (weighted least squares) that keep the order and the gaps.

    Pool adjacent violators: neighbours that would come too near move as one block to their common mean.

    Examples
    --------
    >>> _nearest_places([0.0, 0.0, 50.0], [1.0, 1.0, 1.0], [10.0, 10.0])
    [-5.0, 5.0, 50.0]
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[tuple[float, float, int]] = []
    for wish, weight, offset in zip(wished, weights, offsets, strict=True):
        block = (wish - offset, weight, 1)
        while blocks and blocks[-1][0] >= block[0]:
            mean, heavy, count = blocks.pop()
            total = heavy + block[1]
            block = ((mean * heavy + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    means = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _bands(part: Layers, x: Sequence[float]) -> list[tuple[float, float]]:
    """Return top and bottom of each layer, lowest layer first; the more a gap's lines shift, the taller it is."""
    layer = {point: number for number, row in enumerate(part.rows) for point in row}
    shift = [0.0] * len(part.rows)
    for strand in part.strands:
        for low, high in zip(strand.points, strand.points[1:], strict=False):
            shift[layer[low]] = max(shift[layer[low]], abs(x[low] - x[high]))
    top = 0.0
    found: list[tuple[float, float]] = []
    for number in range(len(part.rows) - 1, -1, -1):
        height = max((part.boxes[point].height for point in part.rows[number] if point < len(part.boxes)), default=0.0)
        if found:
            top += min(max(LEAST_GAP, GAP_PER_SHIFT * shift[number]), MOST_GAP)
        found.append((top, top + height))
        top += height
    return found[::-1]


def _placed(part: Layers, x: Sequence[float], bands: Sequence[tuple[float, float]]) -> list[Placed]:
    layer = {point: number for number, row in enumerate(part.rows) for point in row}
    found = []
    for point, box in enumerate(part.boxes):
        top, bottom = bands[layer[point]]
        found.append(
            Placed(
                id=box.id,
                x=x[point] - box.width / 2,
                y=(top + bottom - box.height) / 2,
                width=box.width,
                height=box.height,
                lines=box.lines,
                layer=layer[point],
            )
        )
    return found


def _ports(part: Layers, x: Sequence[float]) -> tuple[list[float], list[float]]:
    """Spread the ends of each box's lines along its edge, in the order of where the lines go."""
    leave, arrive = [0.0] * len(part.strands), [0.0] * len(part.strands)
    by_low: dict[int, list[tuple[float, int]]] = {}
    by_high: dict[int, list[tuple[float, int]]] = {}
    for number, strand in enumerate(part.strands):
        by_low.setdefault(strand.points[0], []).append((x[strand.points[1]], number))
        by_high.setdefault(strand.points[-1], []).append((x[strand.points[-2]], number))
    for ports, by_box in ((leave, by_low), (arrive, by_high)):
        for box, lines in by_box.items():
            gap = min(PORT_GAP, (part.boxes[box].width - 2 * PORT_MARGIN) / max(len(lines) - 1, 1))
            for position, (_, number) in enumerate(sorted(lines)):
                ports[number] = x[box] + gap * (position - (len(lines) - 1) / 2)
    return leave, arrive


def _route(
    part: Layers,
    strand: Strand,
    x: Sequence[float],
    bands: Sequence[tuple[float, float]],
    boxes: Sequence[Placed],
    *,
    leave: float,
    arrive: float,
) -> Route:
    """Draw one line from low to high, straight within layers and curved between them."""
    low, high = boxes[strand.points[0]], boxes[strand.points[-1]]
    across = [leave, *(x[point] for point in strand.points[1:-1]), arrive]
    points: list[Point] = [(leave, low.y)]
    for step, place in enumerate(across):
        top, bottom = bands[low.layer + step]
        points += [(place, bottom)] if step else []
        points += [(place, top)] if step < len(across) - 1 else []
    points.append((arrive, high.y + high.height))
    if strand.is_down:
        points.reverse()
    visited = [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]
    pieces = tuple(_piece(one, two) for one, two in zip(visited, visited[1:], strict=False))
    return Route(strand.link.first, strand.link.second, strand.is_down, visited[0], pieces)


def _piece(start: Point, end: Point) -> tuple[Point, Point, Point]:
    middle = (start[1] + end[1]) / 2
    return (start[0], middle), (end[0], middle), end
