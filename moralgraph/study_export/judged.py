"""The tables of an export about people: who took part, what each was shown, and what they answered.

Rule: `judgements.jsonl` holds exactly the answers that the graph of this release is built from; what was shown and not
answered, or answered about a card that may not be used, is in no row and counted.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from elicit.consent import granted_purposes
from elicit.models import Participant
from moralgraph.consented import judgements_for
from moralgraph.models import CardVerification, Judgement, JudgementRevision, PlaceVerification, Suggestion
from moralgraph.study_export.people import Release
from moralgraph.study_export.tables import Row, Table, upgrade_ids


def _participants(release: Release) -> Iterable[Row]:
    rows = Participant.objects.filter(pk__in=release.people).select_related("version", "study")
    found = {row.pk: row for row in rows.prefetch_related("interviews__question")}
    for pk, code in release.people.items():
        row = found[pk]
        yield {
            "participant": code,
            "origin": row.origin,
            "version": row.version.number,
            "language": row.language,
            "purposes": sorted(granted_purposes(row)),
            "questions": sorted({each.question.key for each in row.interviews.all()}),
            "began_at": release.time(row.began_at),
            "finished_at": release.time(row.finished_at),
            "is_finished": row.finished_at is not None,
        }


def judged(release: Release) -> QuerySet[Judgement]:
    """Return the answers that the graph is built from."""
    found = judgements_for(release.study, purpose=release.asked.purpose, origins=release.origins)
    return found.filter(participant__in=release.people).select_related("context")


def _judgements(release: Release) -> Iterable[Row]:
    ids = upgrade_ids(release)
    answered = Judgement.objects.of_study(release.study).filter(participant__in=release.people).exclude(answer="")
    kept = [_judgement(release, row, ids) for row in judged(release)]
    release.withheld["judgements about a card that may not be used"] = answered.count() - len(kept)
    return sorted(kept, key=_place)


def _judgement(release: Release, row: Judgement, ids: dict[int, str]) -> Row:
    who = row.participant_id
    told = ("number", "repeat", "story_arm", "story_arm_probability", "first_side", "design", "selection_probability")
    began, ended = release.seconds(who, row.seen_at), release.seconds(who, row.answered_at)
    return {
        "participant": release.people[who],
        "context": row.context.key,
        "first": release.canonical[row.first_id],
        "second": release.canonical[row.second_id],
        "upgrade": ids.get(row.upgrade_id) if row.upgrade_id else None,
        **{name: getattr(row, name) for name in told},
        "answer": row.answer,
        "reason": row.reason,
        **_why(release, who, row.why),
        "origin": row.origin,
        "seen_at": release.time(row.seen_at),
        "answered_at": release.time(row.answered_at),
        "seen_after": began,
        "seconds": None if began is None or ended is None else round(ended - began, 3),
    }


def _why(release: Release, who: int, words: str) -> Row:
    """Tell what somebody wrote to the study team alone, and everybody whether they wrote anything."""
    return {"why": release.text(who, words), "has_why": bool(words)}


def _place(row: Row) -> tuple[Any, ...]:
    return row["participant"], row["number"], row["context"], row["first"], row["second"], row["repeat"]


def _revisions(release: Release) -> Iterable[Row]:
    rows = JudgementRevision.objects.filter(judgement__in=judged(release)).select_related("judgement__context")
    for row in rows.order_by("judgement__number", "answered_at", "pk"):
        of = row.judgement
        yield {
            "participant": release.people[of.participant_id],
            "number": of.number,
            "context": of.context.key,
            "first": release.canonical[of.first_id],
            "second": release.canonical[of.second_id],
            "answer": row.answer,
            "reason": row.reason,
            **_why(release, of.participant_id, row.why),
            "answered_after": release.seconds(of.participant_id, row.answered_at),
        }


def _exposures(release: Release) -> Iterable[Row]:
    rows = Judgement.objects.of_study(release.study).filter(participant__in=release.people)
    rows = rows.select_related("context")
    found = []
    for row in rows:
        for place, card in (("first", row.first_id), ("second", row.second_id)):
            if card not in release.canonical:
                release.withheld["cards that were shown and may not be used"] += 1
                continue
            is_start = (row.first_side == Judgement.Side.START) == (place == "first")
            found.append(
                {
                    "participant": release.people[row.participant_id],
                    "number": row.number,
                    "context": row.context.key,
                    "card": release.canonical[card],
                    "place": place,
                    "side": ("start" if is_start else "end") if row.first_side else "",
                    "story_arm": row.story_arm,
                    "seen_at": release.time(row.seen_at),
                    "seen_after": release.seconds(row.participant_id, row.seen_at),
                    "is_answered": bool(row.answer),
                }
            )
    return sorted(found, key=lambda each: (each["participant"], each["number"], each["place"]))


def _suggestions(release: Release) -> Iterable[Row]:
    rows = Suggestion.objects.of_study(release.study).filter(participant__in=release.people)
    found = []
    for row in rows.select_related("judgement__context"):
        if row.above_id not in release.canonical:
            release.withheld["suggestions about a card that may not be used"] += 1
            continue
        found.append(
            {
                "participant": release.people[row.participant_id],
                "context": row.judgement.context.key,
                "above": release.canonical[row.above_id],
                "own_card": release.confirmed.get(row.own_card_id) if row.own_card_id else None,
                "title": row.title,
                "policies": row.policies,
                **_why(release, row.participant_id, row.why),
                "language": row.language,
                "state": row.state,
                "created_at": release.time(row.created_at),
            }
        )
    return sorted(found, key=lambda each: (each["participant"], each["above"], each["title"]))


def _verifications(release: Release) -> Iterable[Row]:
    asked = (("is_this_yours", CardVerification), ("is_this_place_fair", PlaceVerification))
    found = []
    for question, model in asked:
        for row in model._default_manager.filter(card__in=release.confirmed, canonical__in=release.canonical):
            who = row.card.participant_id or 0
            found.append(
                {
                    "question": question,
                    "participant": release.people[who],
                    "card": release.confirmed[row.card_id],
                    "canonical": release.canonical[row.canonical_id],
                    "answer": row.answer,
                    **_why(release, who, row.why),
                    "answered_at": release.time(row.answered_at),
                }
            )
    return sorted(found, key=lambda each: (each["question"], each["participant"], each["card"]))


PARTICIPANT = {"participant": "The participant's code in this release."}
WHY = {
    "why": "What the person wrote about it, for the study team; always empty where anybody may read the folder.",
    "has_why": "Whether the person wrote anything about it.",
}
ANSWER = {
    "answer": "Whether the second is wiser: wiser, about_equal, less_wise, both_needed, different_concerns, "
    "cannot_judge.",
    "reason": "Why it could not be judged.",
    **WHY,
}
CONTEXT = {"context": "Key of the context in which they were asked."}
SHOWN_PAIR = {"first": "The card that was shown first.", "second": "The card that was shown second."}
AFTER = "seconds after they were first shown a pair."
TABLES = (
    Table(
        "participants.csv", "A participant.",
        {
            **PARTICIPANT, "origin": "person, simulated or imported.",
            "version": "Number of the version of the design that they had.", "language": "Language of their pages.",
            "purposes": "What they granted.", "questions": "Keys of the situations they were interviewed about.",
            "began_at": "When they began.", "finished_at": "When they had done every step.",
            "is_finished": "Whether they had done every step.",
        }, _participants,
    ),
    Table(
        "judgements.jsonl", "An answer: what the graph is built from.",
        {
            **PARTICIPANT, **CONTEXT, **SHOWN_PAIR, "upgrade": "The proposal that it answers, in upgrades.jsonl.",
            "number": "Order in which the person saw it; of an import, its place in the source.",
            "repeat": "0 for a first answer; otherwise how often the pair had been asked before.",
            "story_arm": "Which story was shown: none, forward (first to second), reverse, both or unknown.",
            "story_arm_probability": "Probability of that arm.",
            "first_side": "Where the first card stood: start or end of the reading direction.",
            "design": "How the pair was drawn: active, uniform or repeat.",
            "selection_probability": "Probability with which the pair and its direction were drawn.", **ANSWER,
            "origin": "person, simulated or imported.", "seen_at": "When it was shown.",
            "answered_at": "When it was answered, or last changed.", "seen_after": f"When it was shown: {AFTER}",
            "seconds": "Seconds from its being shown to the answer.",
        }, _judgements,
    ),
    Table(
        "revisions.jsonl", "An answer that was later changed.",
        {
            **PARTICIPANT, "number": "Which of their judgements.", **CONTEXT, **SHOWN_PAIR, **ANSWER,
            "answered_after": f"When it was given: {AFTER}",
        }, _revisions,
    ),
    Table(
        "exposures.csv", "A card that was shown to somebody, answered or not.",
        {
            **PARTICIPANT, "number": "Which of their pairs.", **CONTEXT, "card": "The canonical card.",
            "place": "first or second of the question.",
            "side": "start or end of the reading direction; empty where it was not recorded.",
            "story_arm": "Which story stood beside it.", "seen_at": "When it was shown.",
            "seen_after": f"When it was shown: {AFTER}", "is_answered": "Whether the pair was answered.",
        }, _exposures,
    ),
    Table(
        "suggestions.jsonl", "A value that a participant set above one that they were shown.",
        {
            **PARTICIPANT, **CONTEXT, "above": "The card that it was set above.",
            "own_card": "Their own card, where they chose that.", "title": "Its name, where they wrote one.",
            "policies": "What to attend to, where they wrote it.", **WHY,
            "language": "Language of the words.", "state": "waiting, accepted or declined.",
            "created_at": "When it was made.",
        }, _suggestions,
    ),
    Table(
        "verifications.jsonl", "What an author said of the card that stands for theirs.",
        {
            "question": "is_this_yours or is_this_place_fair.", **PARTICIPANT, "card": "Code of their card.",
            "canonical": "The canonical card that was shown.",
            "answer": "same, different or unsure; fair, not_fair or unsure.",
            **WHY, "answered_at": "When it was answered.",
        }, _verifications,
    ),
)  # fmt: skip
