"""Decide which nodes are one value: by nearness or a model's verdicts, within what organizers have said.

Rule: a person's words are grouped without regard to what programs wrote; words of different origins are never one
group, and the study file's words go with people first.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from elicit.models import Origin, Study
from moralgraph.algorithms.partition import Dendrogram, DisjointSets, Pair, agglomerate, ordered
from moralgraph.models import CardMembership, SamenessConstraint, SamenessVerdict
from moralgraph.nearness import Nearness, Pairs
from moralgraph.reconciliation.nodes import Node

Decision = CardMembership.Decision
Outcome = SamenessVerdict.Outcome

VOICES = (Origin.PERSON, Origin.IMPORTED, Origin.SIMULATED, Origin.PREVIEW)
MOST_OF_MODEL = 0.5  # two groups are one value when the model found most pairs between them the same
LOWEST_OF_MODEL = 0.05
MOST_NEIGHBOURS_ASKED = 5  # nearest others that a model is asked about, for each node


@dataclass(frozen=True)
class Evidence:
    """What is known about pairs: how near they are, what a model said, what organizers said."""

    similarities: Pairs
    verdicts: Mapping[Pair, str]
    is_model_asked: bool
    must_link: tuple[Pair, ...]
    cannot_link: tuple[Pair, ...]

    @property
    def scores(self) -> Pairs:
        """What is averaged: how near, or whether a model found them the same."""
        if not self.is_model_asked:
            return self.similarities
        return {pair: 1.0 for pair, outcome in self.verdicts.items() if outcome == Outcome.SAME}


@dataclass(frozen=True)
class Decided:
    """How a node came to stand where it stands."""

    decision: str
    similarity: float | None = None


@dataclass(frozen=True)
class Grouping:
    """Which node stands for each node, and the dendrograms behind that, one for each origin of authors."""

    standing: Mapping[str, str]
    dendrograms: tuple[Dendrogram, ...]


def constraints_of(study: Study) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Return the pairs that organizers said are one value, and those that they said are two."""
    rows = SamenessConstraint.objects.of_study(study).filter(undone_at=None)
    pairs = sorted(rows.values_list("kind", "first_hash", "second_hash"))
    must, cannot = (
        tuple((first, second) for kind, first, second in pairs if kind == wanted)
        for wanted in (SamenessConstraint.Kind.MUST_LINK, SamenessConstraint.Kind.CANNOT_LINK)
    )
    return must, cannot


def measure(nodes: Mapping[str, Node], *, study: Study, nearness: Nearness) -> Pairs:
    """Return how near the nodes of each language are; authors of different origins are not compared."""
    by_language: dict[str, dict[str, str]] = defaultdict(dict)
    for node in nodes.values():
        by_language[node.language][node.key] = node.text
    found: Pairs = {}
    for _, texts in sorted(by_language.items()):
        found |= nearness.pairs(study, texts)
    return {
        (first, second): similarity
        for (first, second), similarity in found.items()
        if len({nodes[first].voice, nodes[second].voice} - {""}) < 2
    }


def pairs_to_ask(similarities: Pairs, *, asked_from: float, settled: Iterable[Pair] = ()) -> list[Pair]:
    """Return the pairs that a model is asked about: near ones, each node's nearest few, not those that are settled."""
    near: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (first, second), similarity in similarities.items():
        if similarity >= asked_from:
            near[first].append((-similarity, second))
            near[second].append((-similarity, first))
    found = {ordered(key, other) for key, others in near.items() for _, other in sorted(others)[:MOST_NEIGHBOURS_ASKED]}
    return sorted(found - set(settled))


def group_nodes(nodes: Mapping[str, Node], evidence: Evidence, *, threshold: float, lowest: float) -> Grouping:
    """Put nodes together by average linkage and choose which node of each group stands for it."""
    standing: dict[str, str] = {}
    dendrograms = []
    free = {key for key, node in nodes.items() if not node.voice}
    tied: list[Pair] = []
    present = {node.voice for node in nodes.values()}
    for voice in [each.value for each in VOICES if each in present] or [""]:
        own = {key for key, node in nodes.items() if node.voice == voice}
        here = own | free
        scores = {pair: score for pair, score in evidence.scores.items() if here.issuperset(pair)}
        dendrogram = agglomerate(
            here, scores, lowest=lowest, must_link=[*evidence.must_link, *tied], cannot_link=evidence.cannot_link
        )
        dendrograms.append(dendrogram)
        tied = []
        for members in dendrogram.groups(minimum=threshold):
            standing |= dict.fromkeys(members, choose(members, nodes, similarities=evidence.similarities))
            if free.issuperset(members):
                tied += [ordered(members[0], other) for other in members[1:]]
            else:
                free -= set(members)
    return Grouping(standing, tuple(dendrograms))


def choose(members: Sequence[str], nodes: Mapping[str, Node], *, similarities: Pairs) -> str:
    """Return the node whose words stand for a group.

    Words of the study file first, since nobody can take them back; then words whose author agreed to more uses; then
    words that people have judged; then those that are nearest to all others of the group.
    """

    def middle(key: str) -> float:
        near = sum(similarities.get(ordered(key, other), 0.0) for other in members if other != key)
        return -round(near / max(len(members) - 1, 1), 9)

    return min(
        members,
        key=lambda key: (not nodes[key].stays, -nodes[key].releases, not nodes[key].is_judged, middle(key), key),
    )


def decisions_for(nodes: Mapping[str, Node], evidence: Evidence, standing: Mapping[str, str]) -> dict[str, Decided]:
    """Return how it was decided where each node stands, and how near it is to the one that stands for it."""
    linked = DisjointSets(nodes)
    for first, second in evidence.must_link:
        if first in nodes and second in nodes:
            linked.join(first, second)
    sizes = Counter(standing.values())
    unasked = {key for pair, outcome in evidence.verdicts.items() if outcome == Outcome.COULD_NOT_ASK for key in pair}
    found = {}
    for key, other in standing.items():
        if key == other:
            decision = Decision.UNSURE if key in unasked and sizes[key] == 1 else Decision.OWN
        elif linked.find(key) == linked.find(other):
            decision = Decision.ORGANIZER
        else:
            decision = Decision.MODEL if evidence.is_model_asked else Decision.SIMILAR
        found[key] = Decided(decision.value, evidence.similarities.get(ordered(key, other)))
    return found
