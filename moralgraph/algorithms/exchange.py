"""Write a moral graph in the forms that others read: the published JSON, GraphML, and our own record of a snapshot.

Rule that must stay true: ids, counts and order leave as they came in, and no participant is in any of them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import networkx as nx

from moralgraph.algorithms.ranking import rank_repaired
from moralgraph.algorithms.records import Counts, Edge, Evidence, MoralGraph

CONTEXT_SEPARATOR = "; "
NOT_ALLOWED_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MissingCardError(KeyError):
    """The graph has a card for which no words were given."""


def published_form(graph: MoralGraph, values: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the graph as the reference publishes it: `values` and `edges`, ids as the values have them.

    Parameters
    ----------
    values
        Mappings with at least `id`, in the source's order; those that are in the graph are passed on unchanged.

    Raises
    ------
    MissingCardError
        If a card of the graph is not among the values.

    Examples
    --------
    >>> from moralgraph.algorithms.building import build_classic
    >>> from moralgraph.algorithms.records import Judgements
    >>> graph = build_classic(Judgements.from_columns(
    ...     participant=[1, 2], first=[7, 7], second=[9, 9], context=["c", "c"], answer=["wiser", "wiser"]))
    >>> published_form(graph, [{"id": 9, "title": "Nine"}, {"id": 7, "title": "Seven"}])["edges"][0]["counts"]
    {'markedWiser': 2, 'markedNotWiser': 0, 'markedLessWise': 0, 'markedUnsure': 0, 'impressions': 2}
    """
    known = {str(value["id"]): dict(value) for value in values}
    missing = sorted(set(graph.cards) - set(known))
    if missing:
        raise MissingCardError(f"no values card for {', '.join(missing)}; give the words of every card in the graph")
    cards = set(graph.cards)
    return {
        "values": [value for card, value in known.items() if card in cards],
        "edges": [_published_edge(edge, known) for edge in graph.edges],
    }


def _published_edge(edge: Edge, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "sourceValueId": known[edge.first]["id"],
        "wiserValueId": known[edge.second]["id"],
        "contexts": list(edge.contexts),
        "counts": {
            "markedWiser": edge.counts.wiser,
            "markedNotWiser": edge.counts.not_wiser,
            "markedLessWise": edge.counts.less_wise,
            "markedUnsure": edge.counts.unsure,
            "impressions": edge.counts.impressions,
        },
        "summary": {"wiserLikelihood": edge.likelihood, "entropy": edge.entropy},
    }


def as_graphml(graph: MoralGraph, titles: Mapping[str, str]) -> str:
    """Return the graph as GraphML: nodes with title and rank, edges with contexts, counts and interval.

    Raises
    ------
    MissingCardError
        If a card of the graph has no title.
    """
    missing = sorted(set(graph.cards) - set(titles))
    if missing:
        raise MissingCardError(f"no title for {', '.join(missing)}; give a title for every card in the graph")
    found = nx.DiGraph(method=graph.method, **dict(graph.parameters))
    ranks = rank_repaired(graph)
    for card in graph.cards:
        found.add_node(card, title=_printable(titles[card]), rank=ranks[card])
    for edge in graph.edges:
        found.add_edge(
            edge.first,
            edge.second,
            contexts=_printable(CONTEXT_SEPARATOR.join(edge.contexts)),
            likelihood=edge.likelihood,
            entropy=edge.entropy,
            low=edge.low,
            high=edge.high,
            **asdict(edge.counts),
        )
    return "\n".join(nx.generate_graphml(found))


def _printable(text: str) -> str:
    return NOT_ALLOWED_IN_XML.sub("", text)


def to_record(graph: MoralGraph) -> dict[str, Any]:
    """Return the graph as plain JSON values, to be stored in a snapshot.

    Examples
    --------
    >>> to_record(MoralGraph(cards=(), edges=(), method="classic"))
    {'cards': [], 'edges': [], 'method': 'classic', 'parameters': {}}
    """
    return {
        "cards": list(graph.cards),
        "edges": [_listed(asdict(edge)) for edge in graph.edges],
        "method": graph.method,
        "parameters": dict(graph.parameters),
    }


def from_record(record: Mapping[str, Any]) -> MoralGraph:
    """Read what `to_record` wrote.

    Raises
    ------
    KeyError
        If a field is missing.
    """
    return MoralGraph(
        cards=tuple(record["cards"]),
        edges=tuple(_edge(edge) for edge in record["edges"]),
        method=record["method"],
        parameters=dict(record["parameters"]),
    )


def _edge(record: Mapping[str, Any]) -> Edge:
    known = {
        "contexts": tuple(record["contexts"]),
        "counts": Counts(**record["counts"]),
        "answers": tuple(record["answers"]),
        "by_context": tuple(_evidence(part) for part in record["by_context"]),
    }
    return Edge(**{**record, **known})


def _evidence(record: Mapping[str, Any]) -> Evidence:
    return Evidence(**{**record, "counts": Counts(**record["counts"]), "answers": tuple(record["answers"])})


def _listed(value: Any) -> Any:
    """Turn tuples into lists, so that the record equals what JSON gives back."""
    if isinstance(value, Mapping):
        return {key: _listed(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_listed(part) for part in value]
    return value
