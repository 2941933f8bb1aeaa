"""What a table of an export is, and the tables about cards, merges, contexts and upgrades.

Rule: every column says what it means, so that the codebook is never behind the files; a row stands where its content
puts it, never where a key does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from elicit.models import ValuesCard
from moralgraph.models import (
    Assignment,
    CanonicalValuesCard,
    Context,
    Partition,
    SamenessConstraint,
    SamenessVerdict,
    Upgrade,
)
from moralgraph.snapshot_inputs import merged_cards, merged_contexts
from moralgraph.study_export.people import WITHHELD_CARDS, Release

Row = dict[str, Any]
Rows = Callable[[Release], Iterable[Row]]


@dataclass(frozen=True)
class Table:
    """One file, `.jsonl` or `.csv`: what a line is, its columns with their meanings, and where its rows come from."""

    name: str
    meaning: str
    columns: dict[str, str]
    rows: Rows


WORDS = {
    "title": "Its name.", "description": "The sentence under it.", "policies": "What to attend to: a list of lines.",
    "language": "Language of the words.", "origin": "person, simulated, seed or imported.",
}  # fmt: skip
MADE_BY = {
    "model_name": "Which model drafted it; empty where none did.",
    "prompt_hash": "SHA-256 of the prompt's templates; prompts.jsonl has them.",
}


def _cards(release: Release) -> Iterable[Row]:
    drafts = ValuesCard.objects.of_study(release.study).exclude(state=ValuesCard.State.CONFIRMED)
    drafts = drafts.filter(participant__in=release.people).exclude(release__in=WITHHELD_CARDS)
    lent = drafts.filter(participant__in=release.wordless)
    release.withheld["drafts of cards whose words were lent"] = lent.count()
    kept = ValuesCard.objects.filter(pk__in=release.confirmed) | drafts.exclude(pk__in=lent)
    found = [_card(release, card) for card in kept.select_related("question", "membership__canonical")]
    return sorted(found, key=lambda row: (row["participant"] or "", row["state"], row["question"] or "", row["title"]))


def _card(release: Release, card: ValuesCard) -> Row:
    membership = getattr(card, "membership", None)
    stands = release.canonical.get(membership.canonical_id) if membership is not None else None
    words = ("title", "description", "policies", "language", "origin", "state", "fit", "is_edited")
    return {
        "card": release.confirmed.get(card.pk),
        "participant": release.code(card.participant_id),
        "question": card.question.key if card.question else None,
        **{name: getattr(card, name) for name in (*words, "model_name", "prompt_hash")},
        "confirmed_at": release.time(card.confirmed_at),
        "canonical": stands,
        "decision": membership.decision if membership is not None and stands else None,
        "similarity": membership.similarity if membership is not None and stands else None,
    }


def _canonical(release: Release) -> Iterable[Row]:
    counts_for = merged_cards(release.study, release.canonical.values())
    cards = CanonicalValuesCard.objects.filter(pk__in=release.canonical).order_by("content_id")
    for card in cards:
        yield {
            "id": card.content_id,
            **{name: getattr(card, name) for name in WORDS},
            "counts_for": counts_for[card.content_id],
            "worded_by": release.code(card.worded_by_id),
            "details": card.details,
        }


def _contexts(release: Release) -> Iterable[Row]:
    counts_for = merged_contexts(release.study)
    contexts = Context.objects.of_study(release.study).prefetch_related("questions")
    for position, context in enumerate(contexts):
        is_granted = context.found_in_id is None or context.found_in_id in release.people
        release.withheld["words of contexts found in a talk that may not be used"] += not is_granted
        yield {
            "key": context.key,
            "position": position,
            "text": context.text if is_granted else {},
            "counts_for": counts_for[context.key],
            "questions": sorted(question.key for question in context.questions.all()),
            **{name: getattr(context, name) for name in ("origin", "state", "source")},
        }


def upgrade_ids(release: Release) -> dict[int, str]:
    """Return the id of each upgrade between two cards that may be used: u0, u1, ... by context and cards."""
    rows = Upgrade.objects.of_study(release.study).filter(
        first__in=release.canonical, second__in=release.canonical, origin__in={*release.origins, "seed", "imported"}
    )
    in_order = rows.order_by("context__key", "first__content_id", "second__content_id").values_list("pk", flat=True)
    return {pk: f"u{number}" for number, pk in enumerate(in_order)}


def _upgrades(release: Release) -> Iterable[Row]:
    ids = upgrade_ids(release)
    rows = {row.pk: row for row in Upgrade.objects.filter(pk__in=ids).select_related("context")}
    told = ("story_forward", "story_reverse", "mapping", "source", "origin", "is_retired", "model_name", "prompt_hash")
    for pk, name in ids.items():
        row = rows[pk]
        if row.proposed_by_id is not None and row.proposed_by_id not in release.people:
            release.withheld["upgrades proposed by somebody who is not in it"] += 1
            continue
        yield {
            "upgrade": name,
            "context": row.context.key,
            "first": release.canonical[row.first_id],
            "second": release.canonical[row.second_id],
            **{field: getattr(row, field) for field in told},
            "proposed_by": release.code(row.proposed_by_id),
            "created_at": release.time(row.created_at),
        }


def _partitions(release: Release) -> Iterable[Row]:
    for row in Partition.objects.of_study(release.study).select_related("restored_from").order_by("number"):
        yield {
            "number": row.number,
            "kind": row.kind,
            "restored_from": row.restored_from.number if row.restored_from else None,
            "parameters": row.parameters,
            "inputs_hash": row.inputs_hash,
            "content_hash": row.content_hash,
            "reason": "" if release.asked.is_public else row.reason,
            "made_at": release.time(row.made_at),
        }


def _assignments(release: Release) -> Iterable[Row]:
    rows = Assignment.objects.filter(partition__study=release.study).select_related("partition")
    found = [
        {
            "partition": row.partition.number,
            "card": release.confirmed.get(row.card_id) if row.card_id else None,
            "merged": release.canonical.get(row.merged_id) if row.merged_id else None,
            "canonical": release.canonical.get(row.canonical_id),
            "decision": row.decision,
            "similarity": row.similarity,
        }
        for row in rows
    ]
    kept = [row for row in found if row["canonical"] and (row["card"] or row["merged"])]
    release.withheld["places of cards in a partition, of cards that may not be used"] = len(found) - len(kept)
    return sorted(kept, key=lambda row: (row["partition"], row["card"] or "", row["merged"] or ""))


def _constraints(release: Release) -> Iterable[Row]:
    known = set(release.canonical.values())
    rows = SamenessConstraint.objects.of_study(release.study).order_by("first_hash", "second_hash", "made_at")
    for row in rows:
        if {row.first_hash, row.second_hash} <= known:
            yield {
                "kind": row.kind,
                "first": row.first_hash,
                "second": row.second_hash,
                "reason": "" if release.asked.is_public else row.reason,
                "made_at": release.time(row.made_at),
                "undone_at": release.time(row.undone_at),
            }
        else:
            release.withheld["constraints about a card that may not be used"] += 1


def _verdicts(release: Release) -> Iterable[Row]:
    known = set(release.canonical.values())
    for row in SamenessVerdict.objects.of_study(release.study).order_by("first_hash", "second_hash"):
        if {row.first_hash, row.second_hash} <= known:
            yield {
                "first": row.first_hash,
                "second": row.second_hash,
                **{name: getattr(row, name) for name in ("outcome", "tests", "model_name", "prompt_hash")},
                "asked_at": release.time(row.asked_at),
            }


PAIR = {"first": "A canonical card.", "second": "The other one."}
TABLES = (
    Table(
        "cards.jsonl", "A values card: drafts where their words may be kept, and confirmed ones.",
        {
            "card": "Its code in this release; null for a draft.", "participant": "Its author.",
            "question": "Key of the situation it is about.", **WORDS, "state": "draft or confirmed.",
            "fit": "How well it says it, 1 to 4, by its author.", "is_edited": "Whether its author changed a word.",
            **MADE_BY, "confirmed_at": "When its author confirmed it.",
            "canonical": "The canonical card that stands for it.", "decision": "How that was decided.",
            "similarity": "Nearness of the words, 0 to 1.",
        }, _cards,
    ),
    Table(
        "canonical_cards.jsonl", "A node of the graph.",
        {
            "id": "Hash of its words, or the id that it was imported with.", **WORDS,
            "counts_for": "The card that it was merged into; itself where it was not.",
            "worded_by": "Whose words they are; null for seeds, imports and who is not in it.",
            "details": "Further fields of an import.",
        }, _canonical,
    ),
    Table(
        "contexts.jsonl", "A kind of situation in which values are compared.",
        {
            "key": "Its key.", "position": "Its place in the study.", "text": "Its words by language.",
            "counts_for": "The context that it was merged into; itself where it was not.",
            "questions": "Keys of the study's questions that it belongs to.",
            "origin": "person, simulated, seed or imported.", "state": "proposed, active or retired.",
            "source": "Where it was found.",
        }, _contexts,
    ),
    Table(
        "upgrades.jsonl", "A pair that was proposed for judging.",
        {
            "upgrade": "Its id in this release.", "context": "Key of the context.", **PAIR,
            "story_forward": "Of somebody who moved from the first to the second.",
            "story_reverse": "Of somebody who moved back.",
            "mapping": "How each policy of the first is met in the second.",
            "source": "Who proposed it: study_file, nearness, model, participant, organizer or imported.",
            "origin": "person, simulated, seed or imported.", "is_retired": "Whether it is drawn no more.", **MADE_BY,
            "proposed_by": "The participant who proposed it.", "created_at": "When it was proposed.",
        }, _upgrades,
    ),
    Table(
        "partitions.jsonl", "A version of which canonical card stands for which card.",
        {
            "number": "Number of the version.", "kind": "reconciled, organizer or restored.",
            "restored_from": "The version that was restored.", "parameters": "Backend, threshold and model.",
            "inputs_hash": "Hash of what went in.", "content_hash": "The same groups have the same hash.",
            "reason": "The organizer's reason; left out where anybody may read it.", "made_at": "When it was made.",
        }, _partitions,
    ),
    Table(
        "assignments.csv", "A card's place in one version of the partition.",
        {
            "partition": "Number of the version.", "card": "Code of a values card.",
            "merged": "A canonical card that was put under another.", "canonical": "The card that it was put under.",
            "decision": "How that was decided.", "similarity": "Nearness of the words, 0 to 1.",
        }, _assignments,
    ),
    Table(
        "constraints.csv", "An organizer's word that two cards are one value, or two.",
        {
            "kind": "must_link or cannot_link.", **PAIR,
            "reason": "The organizer's reason; left out where anybody may read it.", "made_at": "When it was said.",
            "undone_at": "When it was taken back.",
        }, _constraints,
    ),
    Table(
        "verdicts.jsonl", "What a model answered about whether two cards are one value.",
        {
            **PAIR, "outcome": "same, different or could_not_ask.", "tests": "Each of the five tests: met or not.",
            **MADE_BY, "asked_at": "When it was asked.",
        }, _verdicts,
    ),
)  # fmt: skip
