"""Studies whose people answered PRISM's survey and rated conversations, made row by row for tests of releases."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from elicit.consent import record_consent
from elicit.models import (
    Conversation,
    ConversationFeedback,
    Exchange,
    Participant,
    StepProgress,
    Study,
    SurveyAnswer,
    Utterance,
)
from elicit.participants import add_participant
from elicit.prism.files import file_names, read_lines
from elicit.prism.schema import ATTRIBUTES, PREFERENCES, USE_CASES
from elicit.prism_export import Asked, Exported, export_prism
from elicit.studies import load_study, open_study
from tests.make import NOW, study_text

PUBLISH = "    - {key: publish, text: What I said may be published., purpose: publish}\n"
KEEP = "    - {key: keep, text: My words may be kept., purpose: keep_transcript}\n"
ANSWERS: dict[str, Any] = {
    "lm_familiarity": "Very familiar",
    "lm_indirect_use": "Yes",
    "lm_direct_use": "Yes",
    "lm_frequency_use": "Every week",
    "lm_usecases": dict.fromkeys(USE_CASES, 0) | {"games": 1, "other_text": None},
    "self_description": "I care about my neighbours.",
    "stated_prefs": dict.fromkeys(PREFERENCES, 70) | {"other": None, "other_text": None},
    "system_string": "Be kind.",
    "age": "25-34 years old",
    "gender": "Female",
    "employment_status": "Student",
    "education": "Vocational",
    "marital_status": "Married",
    "reside_country": "GB",
    "birth_country": "KE",
    "ethnicity": "Kikuyu!",
    "ethnicity_group": "Black / African",
    "religion_group": "Christian",
    "english_proficiency": "Fluent",
}
RAW = {"level": "raw", "raw_for": "the team, for a test"}


def make_released_study(*, asks_to_keep: bool = False, slug: str = "released") -> Study:
    """Load a study that asks whether what people said may be published."""
    text = study_text(slug=slug).replace("  details:", PUBLISH + (KEEP if asks_to_keep else "") + "  details:")
    return open_study(load_study(text, now=NOW))


def make_answering(
    study: Study, *, origin: str = "person", publish: bool = True, answers: dict[str, Any] | None = None, **grants: bool
) -> Participant:
    """Add somebody who answered the whole survey."""
    who = add_participant(study, origin=origin, language="en", seed=1, now=NOW)
    record_consent(who, {"take_part": True, "publish": publish, **grants}, now=NOW)
    for item, value in (ANSWERS | (answers or {})).items():
        reason = "" if value is not None else "skipped"
        SurveyAnswer.objects.create(
            participant=who, instrument="prism", instrument_version="1", item=item, value=value, null_reason=reason,
            origin=origin,
        )  # fmt: skip
    StepProgress.objects.create(participant=who, key="survey", state="done", finished_at=NOW + timedelta(minutes=9))
    StepProgress.objects.filter(participant=who, key="survey").update(started_at=NOW)
    return who


def make_talk(
    who: Participant, *, kind: str = "unguided", prompts: tuple[str, ...] = ("Hello", "And then?"), **fields: Any
) -> Conversation:
    """Add a finished conversation; each prompt has two answers, and the second one to come back is chosen."""
    number = who.conversations.count() + 1
    talk = Conversation.objects.create(
        participant=who, number=number, kind=kind, state="finished", origin=who.origin, started_at=NOW,
        finished_at=NOW + timedelta(seconds=601.5), ended_by="participant", **fields,
    )  # fmt: skip
    for turn, prompt in enumerate(prompts, start=1):
        make_exchange(talk, prompt, number=turn)
    ConversationFeedback.objects.create(
        conversation=talk, performance=dict.fromkeys(ATTRIBUTES, 80) | {"safety": None}, choice={"values": 60},
        open_text="It was fine.", attribute_order=list(ATTRIBUTES),
    )  # fmt: skip
    return talk


def make_exchange(talk: Conversation, prompt: str, *, number: int, all_bad: bool = False) -> Exchange:
    """Add a rated exchange: A came back second and was chosen, B came back first, and a third answer failed."""
    exchange = Exchange.objects.create(
        conversation=talk, number=number, prompt=prompt, state="rated", seed=1, idempotency_key=f"key-{number}",
        all_bad=all_bad, draw_policy="uniform",
    )  # fmt: skip
    for position, model, score in ((0, "offline/plain", 90), (1, "offline/warm", 30)):
        Utterance.objects.create(
            exchange=exchange, position=position, arrival=1 - position, model_name=model, propensity=0.5,
            text=f"{model} says {prompt}", score=None if all_bad else score, is_chosen=position == 0 and not all_bad,
            handling={"touched": True, "seconds": 3.5}, latency_ms=12, tokens=7,
        )  # fmt: skip
    Utterance.objects.create(
        exchange=exchange, position=100, model_name="offline/broken", propensity=0.5, failure="It was silent."
    )
    return exchange


def make_crowd(study: Study, *, people: int = 6, **fields: Any) -> list[Participant]:
    """Add people who are alike, each with one conversation."""
    crowd = [make_answering(study, **fields) for _ in range(people)]
    for who in crowd:
        make_talk(who)
    return crowd


def release(study: Study, folder: Path, **asked: Any) -> Exported:
    """Release a study into a folder."""
    return export_prism(study, folder, Asked(**({"name": folder.name} | asked)), now=NOW)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of one of the five files."""
    return [row for _, row in read_lines(file_names(folder)[name])]


def content(folder: Path) -> dict[str, list[str]]:
    """Return the rows of the five files as text, with the order of their keys; metadata by text, not by line."""
    found = {name: [json.dumps(row) for row in rows(folder, name)] for name in file_names(folder)}
    return found | {"metadata": sorted(found["metadata"])}
