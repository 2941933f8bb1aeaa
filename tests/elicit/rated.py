"""Small steps through rated conversations, for the tests of them."""

from itertools import count
from typing import Any

from elicit.conversations import begin, rate, shown_utterances
from elicit.jobs import run_queued_jobs
from elicit.models import Exchange, Participant, Study, SurveyAnswer
from elicit.rating import Rating
from tests.make import NOW, make_consenting_participant, make_study

DESIGN = """\
conversation:
  count: {count}
  turns: 2
  models: [offline/plain, offline/questions, offline/steps, offline/warm]
  types:
    - {{key: unguided, title: Anything, text: Whatever you like.{first}}}
    - {{key: values_guided, title: Something that matters, text: Something important.{second}}}
{more}
"""
ANCHORS = """\
  anchors:
    count: {count}
    raters: 2
    prompts:
      - {{key: one, type: unguided, text: "What is a good day?"}}
      - {{key: two, type: unguided, text: "What is a good home?"}}
      - {{key: three, type: values_guided, text: "What do you owe your neighbours?"}}
"""
_keys = count(1)
_seeds = count(1)


def rated_study(*, count: int = 2, counts: tuple[int, int] | None = None, more: str = "", steps: str = "") -> Study:
    """Make an open study with rated conversations; `more` stands in its `conversation`."""
    quotas = [f", count: {number}" for number in counts] if counts else ["", ""]
    design = DESIGN.format(count=count, first=quotas[0], second=quotas[1], more=more)
    survey = "survey: {instrument: prism}\n" if "survey" in steps else ""
    return make_study(steps=steps or "consent, conversations", more=design + survey)


def person_in(study: Study, *, seed: int | None = None) -> Participant:
    """Add somebody who takes part, with a seed of their own."""
    participant = make_consenting_participant(study)
    participant.seed = next(_seeds) if seed is None else seed
    participant.save(update_fields=["seed"])
    return participant


def opened(participant: Participant, prompt: str = "Should I move back home?", kind: str = "unguided") -> Exchange:
    """Begin a conversation."""
    return begin(participant, kind, prompt, idempotency_key=f"key-{next(_keys)}", now=NOW)


def answered(exchange: Exchange) -> Exchange:
    """Let the worker do its work."""
    run_queued_jobs()
    exchange.refresh_from_db()
    return exchange


def rated(exchange: Exchange, best: str = "A", **more: Any) -> Exchange:
    """Rate the answers so that one goes on."""
    letters = [utterance.letter for utterance in shown_utterances(answered(exchange))]
    return rate(exchange, Rating({letter: 90 if letter == best else 10 for letter in letters}, **more), now=NOW)


def instruct(participant: Participant, words: str) -> None:
    """Let somebody have said in the survey how a model should be."""
    SurveyAnswer.objects.create(
        participant=participant, instrument="prism", instrument_version="1", item="system_string", value=words
    )
