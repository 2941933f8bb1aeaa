"""People who have answered and rated, made straight as rows, for the tests of results."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from elicit.models import Conversation, Exchange, Participant, Study, SurveyAnswer, Utterance
from tests.make import NOW, make_participant


def people(study: Study, count: int, *, origin: str = "person") -> list[Participant]:
    """Add people who have begun and finished, the nth after n minutes."""
    made = [make_participant(study, origin=origin, seed=number) for number in range(count)]
    for number, participant in enumerate(made, start=1):
        participant.began_at, participant.finished_at = NOW, NOW + timedelta(minutes=number)
        participant.save(update_fields=["began_at", "finished_at"])
    return made


def answer(who: Sequence[Participant], item: str, value: Any, *, instrument: str = "prism", reason: str = "") -> None:
    """Let each of some people have given one answer, or none for a reason."""
    SurveyAnswer.objects.bulk_create(
        SurveyAnswer(
            participant=one, instrument=instrument, instrument_version="1", item=item, value=value, null_reason=reason
        )
        for one in who
    )


def rate(who: Sequence[Participant], scores: dict[str, int], *, at: datetime = NOW) -> None:
    """Let each of some people have rated one opening, a score for each model."""
    for one in who:
        conversation = Conversation.objects.create(participant=one, number=1, kind="unguided")
        exchange = Exchange.objects.create(
            conversation=conversation, number=1, prompt="Hello", state=Exchange.State.RATED, seed=1, rated_at=at,
            idempotency_key="one",
        )  # fmt: skip
        Utterance.objects.bulk_create(
            Utterance(exchange=exchange, position=place, model_name=name, propensity=0.5, text="Hi", score=score)
            for place, (name, score) in enumerate(scores.items())
        )
