"""Reconcile: compare all cards anew and put the result in force.

Rule: models are asked outside the transaction. What was found is written only if the cards, constraints and verdicts
are still those that it was found from; the same inputs write no second version.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from elicit.errors import Conflict
from elicit.jobs import JobProgress, enqueue
from elicit.models import Job, Origin, Study
from moralgraph import sameness
from moralgraph.algorithms.partition import Contradiction, Pair
from moralgraph.models import CardMembership, Partition
from moralgraph.nearness import Nearness, forget_stray_vectors, nearness_in_use
from moralgraph.reconciliation.grouping import (
    LOWEST_OF_MODEL,
    MOST_OF_MODEL,
    Evidence,
    Grouping,
    constraints_of,
    decisions_for,
    group_nodes,
    measure,
    pairs_to_ask,
)
from moralgraph.reconciliation.nodes import Node, read_nodes
from moralgraph.reconciliation.stability import stability_record
from moralgraph.reconciliation.versions import Placing, newest_partition, put_in_force
from moralgraph.snapshots import hash_of

JOB = "reconcile_cards"
MOST_TRIES = 3  # times that all is compared again because cards came in meanwhile

_CONTRADICTION = _("Organizers said of “%(first)s” and “%(second)s” that they are one value and that they are two.")

Progress = Callable[[int, int], None]


def reconcile(
    study: Study, *, now: datetime, by: Any = None, reason: str = "", threshold: float | None = None,
    progress: Progress | None = None,
) -> Partition:  # fmt: skip
    """Compare all cards of a study and put the partition in force; the version in force if it would be the same.

    Raises
    ------
    Conflict
        When cards kept coming in while they were compared.
    """
    for _attempt in range(MOST_TRIES):
        nodes = read_nodes(study)
        nearness = nearness_in_use()
        evidence = gather(study, nodes, nearness=nearness, now=now, progress=progress)
        parameters = parameters_of(nearness, evidence, threshold=threshold)
        grouping = grouped(nodes, evidence, parameters=parameters)
        with transaction.atomic():
            Study.objects.select_for_update().get(pk=study.pk)
            if inputs_of(read_nodes(study), known_evidence(study, evidence), parameters) != inputs_of(
                nodes, evidence, parameters
            ):
                continue
            forget_stray_vectors(study, keys=nodes)
            placing = _placing(nodes, evidence, grouping, parameters=parameters)
            return _kept(study, placing) or put_in_force(
                study, placing, kind=Partition.Kind.RECONCILED, now=now, by=by, reason=reason
            )
    raise Conflict(str(_("Cards kept coming in while they were compared. Please try again.")))


def request_reconcile(study: Study, *, now: datetime, by: Any = None, reason: str = "") -> Job:
    """Have a study reconciled in the background; while that waits or runs, asking again gives the same job."""
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)
        waiting = Job.objects.filter(study=study, kind=JOB, state=Job.State.QUEUED).first()
        if waiting is not None:
            return waiting
        payload = {"study": study.pk, "by": by.pk if by else None}
        return enqueue(JOB, key=f"{JOB}:{study.pk}:{now.isoformat()}", study=study, payload=payload)


def reconcile_in_background(progress: JobProgress) -> None:
    """Do what `request_reconcile` asked for."""
    study = Study.objects.filter(pk=progress.payload["study"]).first()
    if study is not None:
        key = progress.payload.get("by")
        by = get_user_model().objects.filter(pk=key).first() if key is not None else None
        reconcile(study, now=timezone.now(), by=by, progress=progress.report)


def gather(
    study: Study,
    nodes: dict[str, Node],
    *,
    nearness: Nearness,
    now: datetime,
    progress: Progress | None = None,
) -> Evidence:
    """Compare the nodes, and ask a model about near ones where one is named; what it answered is not asked again."""
    similarities = measure(nodes, study=study, nearness=nearness)
    must, cannot = constraints_of(study)
    if not sameness.is_wanted():
        return Evidence(similarities, {}, is_model_asked=False, must_link=must, cannot_link=cannot)
    shown = {pair: near for pair, near in similarities.items() if _may_be_shown(pair, nodes)}
    settled = {*sameness.settled_pairs(study), *must, *cannot}
    pairs = pairs_to_ask(shown, asked_from=nearness.asked_from, settled=settled)
    words = {key: _words(nodes[key]) for pair in pairs for key in pair}
    sameness.ask_all(study, pairs, words, now=now, progress=progress)
    verdicts = sameness.verdicts_of(study, among=nodes)
    return Evidence(similarities, verdicts, is_model_asked=True, must_link=must, cannot_link=cannot)


def known_evidence(study: Study, evidence: Evidence) -> Evidence:
    """Return the evidence with the constraints and verdicts of now."""
    must, cannot = constraints_of(study)
    known = {key for pair in evidence.verdicts for key in pair}
    verdicts = sameness.verdicts_of(study, among=known) if evidence.is_model_asked else {}
    return Evidence(evidence.similarities, verdicts, evidence.is_model_asked, must, cannot)


def parameters_of(nearness: Nearness, evidence: Evidence, *, threshold: float | None = None) -> dict[str, Any]:
    """Return what a version says about how it was made; no words."""
    usual = MOST_OF_MODEL if evidence.is_model_asked else nearness.similar_from
    return {
        "backend": nearness.name,
        "decided_by": "model" if evidence.is_model_asked else "nearness",
        "threshold": usual if threshold is None else threshold,
        "lowest": LOWEST_OF_MODEL if evidence.is_model_asked else nearness.lowest,
    }


def grouped(nodes: dict[str, Node], evidence: Evidence, *, parameters: dict[str, Any]) -> Grouping:
    """Put the nodes together as the parameters say.

    Raises
    ------
    Conflict
        When what organizers have said contradicts itself.
    """
    try:
        return group_nodes(nodes, evidence, threshold=parameters["threshold"], lowest=parameters["lowest"])
    except Contradiction as error:
        titles = [nodes[key].wording.title for key in error.pair]
        raise Conflict(str(_CONTRADICTION) % {"first": titles[0], "second": titles[1]}) from error


def inputs_of(nodes: dict[str, Node], evidence: Evidence, parameters: dict[str, Any]) -> list[Any]:
    """Return what a partition depends on, by hashes of words and keys of cards."""
    listed = [
        [
            node.key,
            node.voice,
            node.language,
            node.releases,
            node.is_judged,
            node.stays,
            sorted(card.pk for card in node.cards),
        ]
        for node in nodes.values()
    ]
    verdicts = sorted([*pair, outcome] for pair, outcome in evidence.verdicts.items())
    return [listed, verdicts, [list(evidence.must_link), list(evidence.cannot_link)], parameters]


def _may_be_shown(pair: Pair, nodes: dict[str, Node]) -> bool:
    return all(nodes[key].voice != Origin.PREVIEW for key in pair)


def _words(node: Node) -> sameness.Compared:
    return sameness.Compared(
        node.key,
        node.wording.title,
        tuple(node.wording.policies),
        cards=tuple(card.pk for card in node.cards),
        canonicals=tuple(card.pk for card in node.canonicals),
    )


def _placing(nodes: dict[str, Node], evidence: Evidence, grouping: Grouping, *, parameters: dict[str, Any]) -> Placing:
    record = stability_record(grouping.dendrograms[0], nodes, standing=grouping.standing, parameters=parameters)
    return Placing(
        nodes=nodes,
        standing=grouping.standing,
        decided=decisions_for(nodes, evidence, grouping.standing),
        parameters={**parameters, "stability": record},
        inputs_hash=hash_of(inputs_of(nodes, evidence, parameters)),
    )


def _kept(study: Study, placing: Placing) -> Partition | None:
    """Return the version in force if it was made of the same and nobody has restored or corrected anything since."""
    newest = newest_partition(study)
    if newest is None or newest.inputs_hash != placing.inputs_hash or newest.kind != Partition.Kind.RECONCILED:
        return None
    provisional = CardMembership.objects.of_study(study).filter(is_provisional=True)
    return None if provisional.exclude(decision=CardMembership.Decision.UNSURE).exists() else newest
