"""Ask each method what it makes of some judgements, and compare that with what is true.

Rule that must stay true: a method is told nothing but the judgements, and is scored against the one truth that its
estimand names: sets and first places against the wisest card of the latent order, edges against true edges.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.known_truth.collecting import CONTEXT, Collected, card_name
from moralgraph.algorithms.known_truth.truths import Truths
from moralgraph.algorithms.ranking import Standing, rank_classic, rank_repaired, wisest
from moralgraph.algorithms.records import Codes, Judgements, MoralGraph
from moralgraph.algorithms.tally import Facts, Floats
from moralgraph.algorithms.wisest_sets import wisest_set


class Method(StrEnum):
    """Which method names the wisest."""

    CLASSIC = "classic"
    REPAIRED = "repaired"
    BRADLEY_TERRY = "Bradley-Terry"


@dataclass(frozen=True)
class Verdict:
    """What one method says about one context.

    `first` is the card that it puts first, `cards` its set; both are empty where it has nothing to say. Bradley-Terry
    has no edges.
    """

    standing: Standing
    first: str
    cards: tuple[str, ...]
    edges: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, eq=False)
class Scores:
    """How one method did in each world, shape (worlds,) each.

    Attributes
    ----------
    is_said
        Whether it named a set, rather than say that there is not enough evidence.
    holds
        Whether that set holds the wisest card; False where none was named.
    is_first
        Whether the card that it puts first is the wisest, named or not.
    size
        Cards in the set that was named, 0 where none was.
    lead
        By how much the wisest card leads in truth, in log-odds.
    edges_found, edges_false, edges_true
        True edges that it kept; edges that it kept though they are not true; true edges that there are.
    """

    is_said: Facts
    holds: Facts
    is_first: Facts
    size: Codes
    lead: Floats
    edges_found: Codes
    edges_false: Codes
    edges_true: Codes


def ask(method: Method, judgements: Judgements, *, rng: np.random.Generator) -> Verdict:
    """Return what a method says about the one context of made-up judgements."""
    if method is Method.CLASSIC:
        graph = build_classic(judgements)
        ranked = next(iter(rank_classic(graph)), "")
        standing = Standing.SETTLED if ranked else Standing.NOT_ENOUGH_EVIDENCE
        return Verdict(standing, ranked, (ranked,) if ranked else (), _ends(graph))
    if method is Method.REPAIRED:
        graph = build_repaired(judgements)
        found = wisest(graph, context=CONTEXT)
        ranked = next(iter(rank_repaired(graph, context=CONTEXT)), "")
        return Verdict(found.standing, ranked, found.contenders, _ends(graph))
    named = wisest_set(judgements, context=CONTEXT, rng=rng)
    return Verdict(named.standing, named.placed[0].card if named.placed else "", named.cards)


def score(method: Method, collected: Collected, truths: Truths, *, first: int, rng: np.random.Generator) -> Scores:
    """Score a method on the first judgements of each world."""
    worlds = collected.worlds
    verdicts = [ask(method, collected.judgements(world, first=first), rng=rng) for world in range(len(worlds))]
    wisest_cards = [card_name(int(code)) for code in truths.wisest]
    said = np.array([verdict.standing is not Standing.NOT_ENOUGH_EVIDENCE for verdict in verdicts])
    true_edges = [_true_edges(collected, truths, world) for world in range(len(worlds))]
    both = list(zip(verdicts, true_edges, strict=True))
    return Scores(
        is_said=said,
        holds=said & np.array([card in each.cards for each, card in zip(verdicts, wisest_cards, strict=True)]),
        is_first=np.array([card == each.first for each, card in zip(verdicts, wisest_cards, strict=True)]),
        size=np.where(said, [len(verdict.cards) for verdict in verdicts], 0),
        lead=truths.lead,
        edges_found=np.array([len(verdict.edges & true) for verdict, true in both]),
        edges_false=np.array([len(verdict.edges - true) for verdict, true in both]),
        edges_true=np.array([len(true) for true in true_edges]),
    )


def _ends(graph: MoralGraph) -> frozenset[tuple[str, str]]:
    return frozenset((edge.first, edge.second) for edge in graph.edges)


def _true_edges(collected: Collected, truths: Truths, world: int) -> set[tuple[str, str]]:
    to_second, to_first = truths.edges()
    worlds = collected.worlds
    ends = list(zip(worlds.first[world].tolist(), worlds.second[world].tolist(), strict=True))
    forward = {(card_name(a), card_name(b)) for (a, b), true in zip(ends, to_second[world], strict=True) if true}
    backward = {(card_name(b), card_name(a)) for (a, b), true in zip(ends, to_first[world], strict=True) if true}
    return forward | backward
