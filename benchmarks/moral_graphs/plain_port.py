"""The published PageRank as its reference computes it: every edge is looked at for every edge, in every iteration.

Written from the description of the reference (damping 0.85, 100 fixed iterations, start 1/n, weight = share of the
likelihood among the edges that leave the same card, the mass at cards without upgrades is lost). It is here only to be
timed and to be agreed with.
"""

from moralgraph.algorithms.records import MoralGraph


def plain_published_ranks(graph: MoralGraph) -> dict[str, float]:
    """Return card to rank."""
    edges = [(edge.first, edge.second, edge.likelihood) for edge in graph.edges]
    ranks = {card: 1 / len(graph.cards) for card in graph.cards}
    for _ in range(100):
        found = {}
        for card in graph.cards:
            arriving = 0.0
            for source, target, likelihood in edges:
                if target == card:
                    leaving = sum(other for start, _, other in edges if start == source)
                    arriving += ranks[source] * likelihood / leaving
            found[card] = 0.15 / len(graph.cards) + 0.85 * arriving
        ranks = found
    return ranks
