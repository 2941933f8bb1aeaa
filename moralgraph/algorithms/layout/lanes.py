"""Place thousands of cards on a map: a lane for each context, height for how much was judged less wise, a dot a card.

Cards that were never judged wiser than another are the starting points. They are many and say little one by one, so
each lane counts them instead of drawing them, unless they are asked for.

Rule that must stay true: the same graph gives the same map, no two dots overlap, and every link that is not turned ends
above its start.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from moralgraph.algorithms.layout.layers import layer_of, turned_links
from moralgraph.algorithms.layout.shapes import LayoutError, Link

CELL = 8  # one dot's room; the largest dot is a little smaller
DOTS_A_LINE = 12
LANE_PADDING = 12
LANE_WIDTH = CELL * DOTS_A_LINE + 2 * LANE_PADDING
LEVEL_GAP = 10  # between two heights, so that they are told apart
SIZES = 4


@dataclass(frozen=True)
class Spot:
    """A card to place: its id, the lane that it stands in, and its weight, which decides its size (not negative)."""

    id: str
    lane: str
    weight: float


@dataclass(frozen=True)
class Dot:
    """A card with its place: the middle of its dot, and its size from 0 to `SIZES` - 1."""

    id: str
    lane: int
    x: int
    y: int
    size: int


@dataclass(frozen=True)
class Lane:
    """A lane: its key, its left edge, how many cards stand in it, and how many starting points are only counted."""

    key: str
    left: int
    cards: int
    folded: int


@dataclass(frozen=True)
class LaneMap:
    """The whole map; x grows to the right and y grows down. Dots come lane by lane, from the top."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    dots: tuple[Dot, ...]


def lane_map(
    spots: Sequence[Spot], links: Sequence[Link], *, lanes: Sequence[str], unfolded: Collection[str] = ()
) -> LaneMap:
    """Place the cards in the lanes, higher where longer chains lead up to them.

    Parameters
    ----------
    spots
        The cards, each once.
    links
        Upgrades: the second is wiser than the first. Where they form a circle the lightest is not followed, as in the
        layered picture.
    lanes
        The lanes from left to right; one without cards is left out.
    unfolded
        Ids of starting points that are drawn all the same.

    Raises
    ------
    LayoutError
        If a card stands in no known lane, or a link leads nowhere.

    References
    ----------
    The heights are the layers of Sugiyama, Tagawa and Toda (1981), without their order within a layer.

    Examples
    --------
    >>> cards = [Spot("a", "work", 1), Spot("b", "work", 2), Spot("c", "work", 3)]
    >>> found = lane_map(cards, [Link("a", "b"), Link("b", "c")], lanes=["work", "home"])
    >>> [dot.id for dot in found.dots], found.lanes[0].folded
    (['c', 'b'], 1)
    """
    _refuse_wrong(spots, links, lanes)
    known = sorted(spots, key=lambda spot: spot.id)
    height = _heights(known, links)
    upgraded = {link.second for link in links} | set(unfolded)
    drawn = [spot for spot in known if spot.id in upgraded]
    used = [lane for lane in lanes if any(spot.lane == lane for spot in known)]
    dots, total = _dots(drawn, height, number={lane: place for place, lane in enumerate(used)})
    return LaneMap(
        width=LANE_WIDTH * len(used),
        height=total,
        lanes=tuple(_lane(key, place, known, drawn) for place, key in enumerate(used)),
        dots=dots,
    )


def _refuse_wrong(spots: Sequence[Spot], links: Sequence[Link], lanes: Sequence[str]) -> None:
    ids, known = {spot.id for spot in spots}, set(lanes)
    if len(ids) < len(spots):
        raise LayoutError("a card is given twice; give each card once")
    for spot in spots:
        if spot.lane not in known:
            raise LayoutError(f"card {spot.id!r} stands in lane {spot.lane!r}, which is not one of the lanes")
    for link in links:
        if link.first not in ids or link.second not in ids:
            raise LayoutError(f"link {link.first!r} to {link.second!r}: no such card; give a spot for both ends")


def _heights(spots: Sequence[Spot], links: Sequence[Link]) -> dict[str, int]:
    code = {spot.id: place for place, spot in enumerate(spots)}
    ordered = sorted(links, key=lambda link: (link.first, link.second))
    ends = [(code[link.first], code[link.second]) for link in ordered]
    turned = turned_links(ends, [link.weight for link in ordered], size=len(spots))
    upward = [(high, low) if is_down else (low, high) for (low, high), is_down in zip(ends, turned, strict=True)]
    found = layer_of(upward, size=len(spots)) if spots else []
    return {spot.id: found[place] for place, spot in enumerate(spots)}


def _levels(drawn: Sequence[Spot], height: Mapping[str, int]) -> dict[tuple[int, str], list[Spot]]:
    """Gather the cards by height and lane, the heaviest first; heights at which nothing stands are left out."""
    heights = sorted({height[spot.id] for spot in drawn}, reverse=True)
    level = {value: place for place, value in enumerate(heights)}
    found: dict[tuple[int, str], list[Spot]] = {}
    for spot in sorted(drawn, key=lambda spot: (-spot.weight, spot.id)):
        found.setdefault((level[height[spot.id]], spot.lane), []).append(spot)
    return found


def _dots(
    drawn: Sequence[Spot], height: Mapping[str, int], *, number: Mapping[str, int]
) -> tuple[tuple[Dot, ...], int]:
    """Return the dots, and how high they stand together."""
    levels = _levels(drawn, height)
    top, total = _tops(levels)
    heaviest = max((spot.weight for spot in drawn), default=0.0) or 1.0
    dots = [
        dot
        for (level, lane), members in levels.items()
        for dot in _packed(members, lane=number[lane], top=top[level], heaviest=heaviest)
    ]
    return tuple(sorted(dots, key=lambda dot: (dot.lane, dot.y, dot.x))), total


def _tops(levels: Mapping[tuple[int, str], Sequence[Spot]]) -> tuple[dict[int, int], int]:
    """Return where each level begins, and where the last one ends."""
    lines: dict[int, int] = {}
    for (level, _lane), members in levels.items():
        lines[level] = max(lines.get(level, 1), -(-len(members) // DOTS_A_LINE))
    tops, at = {}, 0
    for level in sorted(lines):
        tops[level] = at
        at += lines[level] * CELL + LEVEL_GAP
    return tops, max(at - LEVEL_GAP, 0)


def _packed(members: Sequence[Spot], *, lane: int, top: int, heaviest: float) -> list[Dot]:
    """Pack one level of one lane line by line, the heaviest in the middle."""
    centre = lane * LANE_WIDTH + LANE_WIDTH // 2
    found = []
    for place, spot in enumerate(members):
        line, step = divmod(place, DOTS_A_LINE)
        aside = (step + 1) // 2 * (1 if step % 2 else -1)
        x = centre + aside * CELL - CELL // 2
        size = min(int((spot.weight / heaviest) ** 0.5 * SIZES), SIZES - 1)
        found.append(Dot(spot.id, lane, x, top + line * CELL + CELL // 2, size))
    return found


def _lane(key: str, number: int, known: Sequence[Spot], drawn: Sequence[Spot]) -> Lane:
    cards = sum(spot.lane == key for spot in known)
    return Lane(key, number * LANE_WIDTH, cards, cards - sum(spot.lane == key for spot in drawn))
