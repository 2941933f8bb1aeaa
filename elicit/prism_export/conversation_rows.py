"""Conversations as rows: read from the database some at a time, with every answer, rating and check.

Rule: `within_turn_id` is the order in which the answers came back where that is known, as PRISM's is the order of
successful returns, and the place on the page where it is not. It is no rank and no screen position: those stand in the
files of ours beside the five.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elicit.models import Conversation, ConversationFeedback, Exchange, Origin, Utterance
from elicit.prism.ids import conversation_id, user_id
from elicit.prism.schema import ATTRIBUTES, CONVERSATIONS, DATETIME
from elicit.prism.survey_rows import with_recorded
from elicit.prism_export.talks import BALANCED, FIRST_UNSHOWN, KINDS, Talk, Talks
from elicit.prism_export.texts import Texts, Words

Row = dict[str, Any]

TALKS_AT_ONCE = 300
TWINS = "twins"  # where an import keeps the answers that are marked as chosen because they equal the chosen one
NO_DATE = "1970-01-01 00:00:00"


@dataclass(frozen=True)
class Released:
    """A conversation as it goes into the files, with what stands beside its row: one entry for each turn and answer."""

    talk: Talk
    row: Row
    first_interaction: int
    conversation: Row
    exchanges: list[Row]
    answers: list[list[Row]]
    feedback: Row


def read_conversations(
    talks: Talks, *, numbers: Mapping[int, int], texts: Texts, provider_of: Mapping[str, str]
) -> Iterator[Released]:
    """Yield the conversations of a release in its order; `numbers` says the number of each participant."""
    for start in range(0, len(talks.talks), TALKS_AT_ONCE):
        chunk = talks.talks[start : start + TALKS_AT_ONCE]
        read = _read([talk.pk for talk in chunk])
        for place, talk in enumerate(chunk, start=start):
            conversation, exchanges, feedback = read[talk.pk]
            asked = exchanges[: talk.turns]
            answers = [exchange.pop("answers") for exchange in asked]
            words = _words(asked, answers, feedback)
            is_synthetic = conversation["origin"] == Origin.SIMULATED
            words = texts.of_conversation(words, person=talk.person, is_synthetic=is_synthetic)
            row = _row(conversation, answers, feedback, words, provider_of=provider_of)
            row |= {"conversation_id": conversation_id(place), "user_id": user_id(numbers[talk.person])}
            row[BALANCED] = bool(talks.balanced[place])
            row = {name: row[name] for name in CONVERSATIONS.field_names}
            yield Released(
                talk, row, int(talks.first_interactions[place]), conversation, asked, answers, feedback
            )  # fmt: skip


def _read(pks: Sequence[int]) -> dict[int, tuple[Row, list[Row], Row]]:
    """Return conversations with their exchanges, each with its answers, and their feedback."""
    fields = (
        "pk", "kind", "anchor", "arm", "arm_propensity", "ended_by", "imported", "origin", "started_at", "finished_at",
        "participant__language",
    )  # fmt: skip
    conversations = Conversation.objects.filter(pk__in=pks).values(*fields)
    feedback: dict[int, Row] = {}
    for said in ConversationFeedback.objects.filter(conversation__in=pks).values():
        feedback[said["conversation_id"]] = dict(said)
    exchanges: dict[int, list[Row]] = defaultdict(list)
    by_pk: dict[int, Row] = {}
    asked = Exchange.objects.filter(conversation__in=pks).order_by("conversation", "number")
    for exchange in asked.values("pk", "conversation", "number", "prompt", "was_tied", "draw_policy", "checks"):
        by_pk[exchange["pk"]] = {**exchange, "answers": []}
        exchanges[exchange["conversation"]].append(by_pk[exchange["pk"]])
    shown = Utterance.objects.filter(exchange__conversation__in=pks, position__lt=FIRST_UNSHOWN)
    for answer in shown.order_by("exchange", "position").values():
        by_pk[answer["exchange_id"]]["answers"].append(answer)
    for asked_row in by_pk.values():
        asked_row["answers"] = _in_order(asked_row["answers"])
    return {row["pk"]: (dict(row), exchanges[row["pk"]], feedback.get(row["pk"], {})) for row in conversations}


def _in_order(answers: list[Row]) -> list[Row]:
    """Order the answers to one prompt and number them."""
    arrivals = {answer["arrival"] for answer in answers}
    is_known = None not in arrivals and len(arrivals) == len(answers)
    ordered = sorted(answers, key=lambda answer: answer["arrival" if is_known else "position"])
    for place, answer in enumerate(ordered):
        answer["within_turn_id"] = place
    return ordered


def _words(exchanges: list[Row], answers: list[list[Row]], feedback: Row) -> Words:
    return Words(
        [exchange["prompt"] for exchange in exchanges],
        [[answer["text"] for answer in turn] for turn in answers],
        feedback.get("open_text", ""),
    )


def _row(
    conversation: Row, answers: list[list[Row]], feedback: Row, words: Words, *, provider_of: Mapping[str, str]
) -> Row:
    finished, started = conversation["finished_at"], conversation["started_at"]
    seconds = round((finished - started).total_seconds(), 2) if finished else None
    row = {
        "conversation_type": KINDS[conversation["kind"]],
        "opening_prompt": words.prompts[0],
        "conversation_turns": len(answers),
        "conversation_history": _history(conversation, answers, words, provider_of=provider_of),
        "performance_attributes": {name: feedback.get("performance", {}).get(name) for name in ATTRIBUTES},
        "choice_attributes": {name: feedback.get("choice", {}).get(name) for name in ATTRIBUTES},
        "open_feedback": words.feedback,
        "generated_datetime": finished.strftime(DATETIME) if finished else NO_DATE,
        "timing_duration_s": seconds,
        "timing_duration_mins": None if seconds is None else round(seconds / 60, 2),
    }
    with_recorded(row, conversation["imported"])
    return row


def _history(conversation: Row, answers: list[list[Row]], words: Words, *, provider_of: Mapping[str, str]) -> list[Row]:
    twins = {tuple(twin) for twin in conversation["imported"].get(TWINS, ())}
    history: list[Row] = []
    for turn, (prompt, said, given) in enumerate(zip(words.prompts, words.answers, answers, strict=True)):
        history.append({"turn": turn, "role": "user", "content": prompt})
        for text, answer in zip(said, given, strict=True):
            place, name = answer["within_turn_id"], answer["model_name"]
            history.append(
                {
                    "turn": turn,
                    "role": "model",
                    "content": text,
                    "model_provider": answer["parameters"].get("model_provider") or provider_of[name],
                    "model_name": name,
                    "score": answer["score"],
                    "if_chosen": answer["is_chosen"] or (turn, place) in twins,
                    "within_turn_id": place,
                }
            )
    return history
