"""What we know and PRISM has no field for, in files of ours beside the five, by the ids of the release.

Rule: they hold no words, and nothing about who somebody is. What was imported was not recorded here, so it is not here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from elicit.models import Origin
from elicit.prism.ids import interaction_id, user_id
from elicit.prism_export.conversation_rows import Released
from elicit.prism_export.people import Found

Row = dict[str, Any]

SURVEY, CONVERSATIONS, UTTERANCES = (f"extras/{name}_extra.jsonl" for name in ("survey", "conversations", "utterances"))
DESCRIBES = frozenset(
    {
        "age", "gender", "employment_status", "education", "marital_status", "english_proficiency", "religion",
        "religion_group", "ethnicity", "ethnicity_group", "birth_country", "reside_country",
    }
)  # fmt: skip
FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    SURVEY: (
        ("user_id", "The person."),
        ("origin", "person, or simulated: a program."),
        ("language", "Language of their pages; null in a generalised release, as it tells who somebody is."),
        (
            "null_reasons",
            "Why there is no answer, by question: not_shown, skipped, refused, dont_know or so; in a generalised "
            "release not for questions about who somebody is.",
        ),
        ("untouched_sliders", "Stated preferences that were left alone, and are told as 50."),
    ),
    CONVERSATIONS: (
        ("conversation_id", "The conversation."),
        ("origin", "person, or simulated: a program."),
        ("anchor", "Key of the shared prompt that opened it; empty for an own one."),
        ("arm", "standard, or own_system: answers under the person's own instructions stood beside others."),
        ("arm_propensity", "Probability with which the arm was drawn."),
        ("ended_by", "participant, turns, minutes or budget."),
        ("feedback_order", "Order in which the sliders of the feedback stood."),
        ("turns", "By turn: interaction_id, draw_policy, was_tied (several answers shared the highest score)."),
    ),
    UTTERANCES: (
        ("utterance_id", "The answer."),
        ("position", "Place on the page: 0 is A."),
        ("arrival", "Order in which it came back, from 0."),
        ("propensity", "Probability with which its model was drawn."),
        ("is_back_fill", "Whether its model took the place of one that failed."),
        ("system", "own where it was written under the person's own instructions, else default."),
        ("society_score", "How good it would be for everybody, 1 to 100; null where that was not asked."),
        ("touched", "Whether the slider was moved, as the browser tells; null where it did not."),
        ("names_itself", "Whether it tells which model, or whose, it is."),
        ("latency_ms", "Milliseconds until the whole answer was there."),
        ("tokens", "Tokens of the answer."),
        ("prompt_name", "The prompt template."),
        ("prompt_hash", "SHA-256 of the template."),
    ),
}  # fmt: skip


def survey_extra(found: Found, *, number: int, is_raw: bool) -> Row | None:
    """Return what stands beside a survey row; None for an imported one."""
    if found.origin == Origin.IMPORTED or found.person.recorded.get("generated_datetime"):
        return None
    placed = found.person.answers.get("stated_prefs") or {}
    reasons = {item: reason for item, reason in sorted(found.nulls.items()) if is_raw or item not in DESCRIBES}
    return {
        "user_id": user_id(number),
        "origin": found.origin,
        "language": found.language if is_raw else None,
        "null_reasons": reasons,
        "untouched_sliders": [name for name, value in placed.items() if value is None and not name.endswith("_text")],
    }


def conversation_extra(released: Released) -> Row | None:
    """Return what stands beside a conversation; None for an imported one."""
    conversation = released.conversation
    if is_imported(conversation):
        return None
    turns = [
        {
            "interaction_id": interaction_id(released.first_interaction + turn),
            "draw_policy": exchange["draw_policy"],
            "was_tied": exchange["was_tied"],
        }
        for turn, exchange in enumerate(released.exchanges)
    ]
    kept = {name: conversation[name] for name in ("origin", "anchor", "arm", "arm_propensity", "ended_by")}
    order = released.feedback.get("attribute_order", [])
    return {"conversation_id": released.row["conversation_id"], **kept, "feedback_order": order, "turns": turns}


def utterance_extras(released: Released, utterances: list[Row]) -> Iterator[Row]:
    """Yield what stands beside the answers of a conversation; nothing for an imported one."""
    if is_imported(released.conversation):
        return
    names = [name for name, _ in FIELDS[UTTERANCES] if name not in ("utterance_id", "touched")]
    answers = [answer for turn in released.answers for answer in turn]
    for row, answer in zip(utterances, answers, strict=True):
        told = {name: answer[name] for name in names} | {"utterance_id": row["utterance_id"]}
        told["touched"] = answer["handling"].get("touched")
        yield {name: told[name] for name, _ in FIELDS[UTTERANCES]}


def is_imported(conversation: Mapping[str, Any]) -> bool:
    """Say whether a conversation was read from a release."""
    return bool(conversation["imported"])
