"""Freeze what a moral graph asks of a model as an alignment target.

Rule: the content follows the format that `training.engine.target` validates. It holds only cards and judgements that
were granted for training, no participant, and says aloud when it is simulated or a method test.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction

from elicit.errors import Conflict, NothingToBuild
from elicit.models import Origin, Question, Study
from moralgraph.algorithms.records import Edge, MoralGraph
from moralgraph.algorithms.snapshot_content import read_content
from moralgraph.algorithms.tally import posterior_mean
from moralgraph.algorithms.uncertainty import RESAMPLES, jeffreys_interval
from moralgraph.consented import cards_for, labels_for
from moralgraph.models import AlignmentTarget, CanonicalValuesCard, Context, Snapshot
from moralgraph.snapshots import build_snapshot, graph_of, hash_of

FORMAT_VERSION = 1
PURPOSE = "train"
LEAST_SHARE = 1 / (2 * RESAMPLES)  # half a resample: what was never seen first may still be first
SETTLED = "settled"
NOT_ENOUGH_EVIDENCE = "not_enough_evidence"
CONTEXT_PROMPTS = (
    "What matters most {context}?",
    "What should I pay attention to {context}?",
    "Help me see what is important {context}.",
)


@transaction.atomic
def freeze_newest_target(study: Study, *, now: datetime, origins: Sequence[str] = ()) -> AlignmentTarget:
    """Build the repaired graph from what was granted for training and freeze it."""
    snapshot = build_snapshot(study, method=Snapshot.Method.REPAIRED, purpose=PURPOSE, origins=origins, now=now)
    return freeze_alignment_target(snapshot, now=now)


@transaction.atomic
def freeze_alignment_target(snapshot: Snapshot, *, now: datetime) -> AlignmentTarget:
    """Freeze a snapshot. Freezing it again returns the target that stands.

    Raises
    ------
    Conflict
        When the snapshot was built for another purpose, by the classic rule, or has been retired.
    NothingToBuild
        When no card of the study may be used for training.
    """
    study = Study.objects.select_for_update().get(pk=snapshot.study_id)
    _refuse_unfit(snapshot)
    known = AlignmentTarget.objects.filter(snapshot=snapshot, retired_at=None).first()
    if known is not None:
        return known
    content = target_content(snapshot, now=now)
    last = AlignmentTarget.objects.of_study(study).order_by("-version").first()
    return AlignmentTarget.objects.create(
        study=study,
        snapshot=snapshot,
        version=last.version + 1 if last else 1,
        content=content,
        content_hash=hash_of(content),
    )


@transaction.atomic
def redact_targets(study: Study, *, now: datetime) -> int:
    """Retire the study's targets and take the words out of them; their hashes stay. Return how many there were."""
    targets = list(AlignmentTarget.objects.of_study(study))
    for target in targets:
        cards = [{**card, "title": "-", "description": "", "policies": ["-"]} for card in target.content["cards"]]
        target.content = {**target.content, "cards": cards}
        target.retired_at = target.retired_at or now
        target.save(update_fields=["content", "retired_at"])
    return len(targets)


def target_content(snapshot: Snapshot, *, now: datetime) -> dict[str, Any]:
    """Return the content of `alignment_target.json` for a snapshot."""
    study, graph = snapshot.study, graph_of(snapshot)
    origins = snapshot.parameters["origins"]
    cards = list(cards_for(study, purpose=PURPOSE, origins=origins))
    if not cards:
        raise NothingToBuild(f'No card of "{study}" may be used for training. Nothing was frozen.')
    texts = {context.key: context for context in Context.objects.of_study(study)}
    read = read_content(snapshot.content)["contexts"]
    contexts = [_context(found, texts[found["key"]], graph) for found in read if _candidates(found)]
    named = {context["id"] for context in contexts}
    return {
        "format_version": FORMAT_VERSION,
        "study": study.slug,
        "snapshot": snapshot.inputs_hash,
        "method": snapshot.method,
        "created_at": now.isoformat(),
        "labels": labels_for(study, origins=origins),
        "cards": [_card(card) for card in cards],
        "contexts": contexts,
        "edges": [edge for each in graph.edges for edge in _edges(each, named)],
        "prompts": [*_question_prompts(study, named), *_context_prompts(texts, named)],
        "provenance": {
            "snapshot_number": str(snapshot.number),
            "inputs_hash": snapshot.inputs_hash,
            "code_version": snapshot.code_version,
            "purpose": PURPOSE,
            "origins": ", ".join(origins),
        },
    }


def _refuse_unfit(snapshot: Snapshot) -> None:
    if snapshot.retired_at is not None:
        raise Conflict(f"Snapshot {snapshot.number} has been retired. Build a new one first.")
    if snapshot.parameters.get("purpose") != PURPOSE or snapshot.method != Snapshot.Method.REPAIRED:
        raise Conflict(
            f"Snapshot {snapshot.number} is {snapshot.method}, for {snapshot.parameters.get('purpose')}. "
            "A target needs one that is repaired and built with --purpose train."
        )


def _card(card: CanonicalValuesCard) -> dict[str, Any]:
    return {
        "id": card.content_id,
        "title": card.title,
        "description": card.description,
        "policies": card.policies,
        "origin": card.origin,
        "language": card.language,
    }


def _context(found: Mapping[str, Any], context: Context, graph: MoralGraph) -> dict[str, Any]:
    """Describe a context by the cards that may be the wisest. That it is unsettled is the normal case."""
    weights = _weights(found)
    part = graph.in_context(context.key)
    return {
        "id": context.key,
        "text": str(context),
        "settled": (found["wisest_set"] or found)["standing"] == SETTLED,
        "cards": [{"card": card, "weight": weight, **_support(part, card)} for card, weight in weights.items()],
    }


def _candidates(found: Mapping[str, Any]) -> list[str]:
    """Return the wisest set; where it has not enough evidence to say anything, the contenders of the graph."""
    wisest = found["wisest_set"]
    says_something = wisest is not None and wisest["standing"] != NOT_ENOUGH_EVIDENCE
    return list(wisest["cards"] if says_something else found["contenders"])


def _weights(found: Mapping[str, Any]) -> dict[str, float]:
    """Weigh the cards by how often they came first when people were drawn again; none weighs nothing."""
    first = {row["card"]: row["first_share"] for row in found["ranks"]}
    shares = {card: first.get(card, 0.0) + LEAST_SHARE for card in _candidates(found)}
    total = sum(shares.values())
    return {card: share / total for card, share in shares.items()}


def _support(part: MoralGraph, card: str) -> dict[str, float]:
    """Pool the answers about upgrades to the card: the share that said "wiser", with its interval."""
    arriving = [edge for edge in part.edges if edge.second == card]
    wiser, compared = sum(edge.counts.wiser for edge in arriving), sum(edge.compared for edge in arriving)
    low, high = jeffreys_interval(wiser, compared)
    return _interval(float(posterior_mean(np.array(wiser), np.array(compared))), low=float(low), high=float(high))


def _edges(edge: Edge, contexts: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "context": part.context,
            "first": edge.first,
            "second": edge.second,
            "wiser": part.counts.wiser,
            "judged": part.counts.impressions,
            **_interval(part.likelihood, low=part.low, high=part.high),
        }
        for part in edge.by_context
        if part.context in edge.contexts and part.context in contexts
    ]


def _interval(share: float, *, low: float, high: float) -> dict[str, float]:
    return {"share": share, "low": min(low, share), "high": max(high, share)}


def _question_prompts(study: Study, contexts: set[str]) -> list[dict[str, Any]]:
    """Ask the study's own questions; one that belongs to several contexts names none."""
    found = []
    for question in Question.objects.of_study(study):
        keys = [context.key for context in question.contexts.all() if context.key in contexts]
        text = next(iter(question.text.values()))
        context = keys[0] if len(keys) == 1 else None
        found.append(_prompt(f"question-{question.key}", text, context=context, origin=Origin.SEED))
    return found


def _context_prompts(texts: Mapping[str, Context], contexts: set[str]) -> list[dict[str, Any]]:
    return [
        _prompt(
            f"context-{key}-{number}", form.format(context=_within(str(context))), context=key, origin=context.origin
        )
        for key, context in texts.items()
        if key in contexts
        for number, form in enumerate(CONTEXT_PROMPTS, start=1)
    ]


def _prompt(name: str, text: str, *, context: str | None, origin: str) -> dict[str, Any]:
    return {"id": name, "text": text, "context": context, "split": None, "origin": str(origin)}


def _within(text: str) -> str:
    return text[:1].lower() + text[1:]
