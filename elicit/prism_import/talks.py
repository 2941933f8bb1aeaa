"""Rows of conversations.jsonl as conversations, exchanges, answers and feedback.

Rule: what a row says that follows from nothing else stands in `Conversation.imported`; words never do, so that
whatever erases words reaches all of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from elicit.models import Conversation, ConversationFeedback, Exchange, Utterance
from elicit.prism.ids import id_number
from elicit.prism.metadata_rows import checks_of
from elicit.prism.schema import EMPTY
from elicit.prism.survey_rows import same
from elicit.prism_export.conversation_rows import TWINS
from elicit.prism_export.talks import BALANCED, KINDS
from elicit.prism_import.lookups import Lookup
from elicit.prism_import.people import ROWS_AT_ONCE, time_of

Row = dict[str, Any]

KIND_OF = {told: kind for kind, told in KINDS.items()}
NOT_RECORDED = 1.0  # a propensity that nobody noted; the extras of an export leave it out


@dataclass(frozen=True)
class Talk:
    """A conversation that was read: whose, its row, and the rows of its answers."""

    person: int
    row: Row
    utterances: Sequence[Row]


@dataclass(frozen=True)
class Source:
    """What every imported conversation shares. `numbers` counts the conversations of each participant."""

    origin: str
    metadata: Lookup
    providers: Mapping[str, str]
    numbers: Counter[int]


def write_talks(talks: Sequence[Talk], source: Source) -> int:
    """Write conversations with all that hangs on them; return how many answers they have."""
    conversations = [_conversation(talk, source) for talk in talks]
    Conversation.objects.bulk_create(conversations, batch_size=ROWS_AT_ONCE)
    exchanges: list[Exchange] = []
    answers: list[Utterance] = []
    for talk, conversation in zip(talks, conversations, strict=True):
        for exchange, given in _exchanges(talk, conversation, source):
            exchanges.append(exchange)
            answers += given
    Exchange.objects.bulk_create(exchanges, batch_size=ROWS_AT_ONCE)
    for answer in answers:
        answer.exchange_id = answer.exchange.pk
    Utterance.objects.bulk_create(answers, batch_size=ROWS_AT_ONCE)
    ConversationFeedback.objects.bulk_create(
        [_feedback(talk, conversation, source) for talk, conversation in zip(talks, conversations, strict=True)],
        batch_size=ROWS_AT_ONCE,
    )
    return len(answers)


def _conversation(talk: Talk, source: Source) -> Conversation:
    row = talk.row
    source.numbers[talk.person] += 1
    finished = time_of(row["generated_datetime"])
    started = finished - timedelta(seconds=row["timing_duration_s"] or 0)
    return Conversation(
        participant_id=talk.person,
        number=source.numbers[talk.person],
        kind=KIND_OF[row["conversation_type"]],
        state=Conversation.State.FINISHED,
        imported=_recorded(row, started, finished),
        origin=source.origin,
        started_at=started,
        finished_at=finished,
    )


def _recorded(row: Row, started: datetime, finished: datetime) -> Row:
    seconds = round((finished - started).total_seconds(), 2)
    expected = {"timing_duration_s": seconds, "timing_duration_mins": round(seconds / 60, 2)}
    differs = {name: row[name] for name, value in expected.items() if not same(value, row[name])}
    chosen = [(item["turn"], item["within_turn_id"]) for item in row["conversation_history"] if item.get("if_chosen")]
    turns = Counter(turn for turn, _ in chosen)
    twins = [
        pair for place, pair in enumerate(chosen) if turns[pair[0]] > 1 and pair[0] in {t for t, _ in chosen[:place]}
    ]
    return {BALANCED: row[BALANCED]} | differs | ({TWINS: [list(pair) for pair in twins]} if twins else {})


def _words(text: str) -> str:
    return "" if text == EMPTY else text


def _exchanges(talk: Talk, conversation: Conversation, source: Source) -> Iterator[tuple[Exchange, list[Utterance]]]:
    known = {(row["turn"], row["within_turn_id"]): row for row in talk.utterances}
    turns: dict[int, list[Row]] = {}
    prompts: dict[int, str] = {}
    for item in talk.row["conversation_history"]:
        if item["role"] == "user":
            prompts[item["turn"]] = item["content"]
        else:
            turns.setdefault(item["turn"], []).append(item)
    for turn, items in turns.items():
        first = known[(turn, items[0]["within_turn_id"])]
        scores = [item["score"] for item in items]
        exchange = Exchange(
            conversation=conversation,
            number=turn + 1,
            prompt=_words(prompts[turn]),
            state=Exchange.State.RATED,
            seed=0,
            idempotency_key=f"import-{turn}",
            was_tied=scores.count(max(scores)) > 1,
            checks=_checks("user_prompt", first["interaction_id"], "int", source),
            created_at=conversation.started_at,
            rated_at=conversation.finished_at,
        )
        yield exchange, list(_answers(items, exchange, known, source))


def _answers(
    items: Sequence[Row], exchange: Exchange, known: Mapping[tuple[int, int], Row], source: Source
) -> Iterator[Utterance]:
    chosen = next(place for place, item in enumerate(items) if item["if_chosen"])
    for place, item in enumerate(items):
        name, provider = item["model_name"], item["model_provider"]
        identifier = known[(item["turn"], item["within_turn_id"])]["utterance_id"]
        yield Utterance(
            exchange=exchange,
            position=place,
            arrival=item["within_turn_id"],
            model_name=name,
            propensity=NOT_RECORDED,
            text=_words(item["content"]),
            score=item["score"],
            is_chosen=place == chosen,
            parameters={} if source.providers[name] == provider else {"model_provider": provider},
            checks=_checks("model_response", identifier, "ut", source),
            created_at=exchange.created_at,
        )


def _feedback(talk: Talk, conversation: Conversation, source: Source) -> ConversationFeedback:
    row = talk.row
    return ConversationFeedback(
        conversation=conversation,
        performance=dict(row["performance_attributes"]),
        choice=dict(row["choice_attributes"]),
        open_text=_words(row["open_feedback"]),
        checks=_checks("open_feedback", row["conversation_id"], "c", source),
        created_at=time_of(row["generated_datetime"]),
    )


def _checks(column: str, identifier: str, prefix: str, source: Source) -> Row:
    number = id_number(identifier, prefix)
    row = None if number is None else source.metadata.row(column, number)
    return {} if row is None else checks_of(row)
