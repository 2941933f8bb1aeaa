"""Have a prompt answered: draw the models, ask them, put another in the place of one that fails, fix the order.

Rule: the draw and the order come from the exchange's seed alone. All answers are stored together when the last has
arrived, so that nobody can rate how fast one was, and a job that runs twice stores them once.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from elicit.errors import LLMError
from elicit.jobs import JobProgress
from elicit.llm import gateway, prompts
from elicit.models import Conversation, Exchange, Utterance

ANSWERS_TO_FIRST_PROMPT = 4
SAMPLES_OF_THE_CHOSEN = 2
FIRST_UNSHOWN_POSITION = 100  # answers that failed are kept beyond every letter
LONGEST_FAILURE = 200
PROMPT = "conversation_answer"
PURPOSE = "conversation"

MAKERS = "anthropic|openai|google|deepmind|meta|mistral|cohere|deepseek|alibaba|microsoft|xai|hugging ?face"
NAMES = "claude|chatgpt|gpt|gemini|bard|llama|mistral|mixtral|command|deepseek|qwen|copilot|grok|zephyr|falcon|phi"
SELF_NAMING = re.compile(
    rf"\b(?:i am|i'm|i’m|my name is|this is|call me|as)\s+(?:an? )?(?:{NAMES})\b"
    rf"|\b(?:made|built|created|trained|developed) by (?:{MAKERS})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Draw:
    """Models in the order in which they are asked; the first `wanted` are asked, the others stand by."""

    models: tuple[str, ...]
    wanted: int
    is_of_one_model: bool

    def propensity(self, place: int) -> float:
        """Return the probability with which a model is asked when `place` of them already were."""
        if self.is_of_one_model:
            return 1.0
        return min(1.0, max(self.wanted, place + 1) / len(self.models))


@dataclass(frozen=True)
class Outcome:
    """What came back from one model: a text, or the reason why there is none."""

    model_name: str
    propensity: float
    text: str = ""
    failure: str = ""
    tokens: int = 0
    latency_ms: int = 0


def draw_models(models: Sequence[str], *, chosen: str, seed: int) -> Draw:
    """Return who answers: the chosen model twice, or else a random order of all of them.

    Examples
    --------
    >>> draw_models(["a", "b"], chosen="b", seed=1).models
    ('b', 'b')
    """
    if chosen:
        return Draw((chosen,) * SAMPLES_OF_THE_CHOSEN, SAMPLES_OF_THE_CHOSEN, is_of_one_model=True)
    order = list(models)
    random.Random(f"{seed}:models").shuffle(order)
    return Draw(tuple(order), min(ANSWERS_TO_FIRST_PROMPT, len(order)), is_of_one_model=False)


def names_itself(text: str) -> bool:
    """Say whether an answer tells which model, or whose, it is. Such answers are flagged, not hidden.

    Examples
    --------
    >>> names_itself("I'm Claude."), names_itself("I met Claude once.")
    (True, False)
    """
    return SELF_NAMING.search(text) is not None


def history(exchange: Exchange) -> list[dict[str, str]]:
    """Return the conversation up to this prompt, as the chosen answers made it."""
    messages: list[dict[str, str]] = []
    earlier = exchange.conversation.exchanges.filter(number__lt=exchange.number).order_by("number")
    for past in earlier.prefetch_related("utterances"):
        chosen = next((utterance for utterance in past.utterances.all() if utterance.is_chosen), None)
        if chosen is not None:
            messages.append({"role": "user", "content": past.prompt})
            messages.append({"role": "assistant", "content": chosen.text})
    return [*messages, {"role": "user", "content": exchange.prompt}]


def chosen_model(conversation: Conversation, *, before: int) -> str:
    """Return the model that goes on in exchange number `before`; empty when nobody does."""
    last = conversation.exchanges.filter(number__lt=before).order_by("-number").first()
    chosen = last.utterances.filter(is_chosen=True).first() if last else None
    return chosen.model_name if chosen else ""


def answer_exchange(progress: JobProgress) -> None:
    """Do the job: have one exchange answered and store all of it together."""
    exchange = (
        Exchange.objects.select_related("conversation__participant__version", "conversation__participant__study")
        .filter(pk=progress.payload["exchange"], state=Exchange.State.ANSWERING)
        .first()
    )
    if exchange is None:
        return
    store(exchange, _ask_until_enough(exchange, progress))


def _ask_until_enough(exchange: Exchange, progress: JobProgress) -> list[Outcome]:
    conversation = exchange.conversation
    models = gateway.available_models(conversation.participant.study)
    winner = chosen_model(conversation, before=exchange.number)
    draw = draw_models(models, chosen=winner, seed=exchange.seed)
    prompt = prompts.conversation(PROMPT, history(exchange))
    outcomes: list[Outcome] = []
    for place, model_name in enumerate(draw.models):
        answered = sum(not outcome.failure for outcome in outcomes)
        if answered == draw.wanted:
            break
        progress.report(answered, draw.wanted)
        outcomes.append(
            _ask(prompt, model_name=model_name, propensity=draw.propensity(place), call=_call(exchange, place))
        )
    return outcomes


def _call(exchange: Exchange, place: int) -> gateway.CallContext:
    """Return whom to charge, with a seed of its own, so that two samples of one model can differ."""
    participant = exchange.conversation.participant
    return gateway.CallContext(
        study=participant.study, purpose=PURPOSE, participant_code=participant.code, seed=f"{exchange.seed}:{place}"
    )


def _ask(prompt: prompts.Prompt, *, model_name: str, propensity: float, call: gateway.CallContext) -> Outcome:
    try:
        completion = gateway.write(prompt, model_name=model_name, call=call)
    except LLMError as error:
        return Outcome(model_name, propensity, failure=f"{type(error).__name__}: {error}"[:LONGEST_FAILURE])
    text = completion.text.strip()
    return Outcome(
        model_name,
        propensity,
        text=text,
        failure="" if text else "The answer was empty.",
        tokens=completion.tokens,
        latency_ms=completion.latency_ms,
    )


@transaction.atomic
def store(exchange: Exchange, outcomes: Sequence[Outcome]) -> None:
    """Store the answers in the seed's order and let them be rated; without any, the exchange has failed."""
    row = Exchange.objects.select_for_update().filter(pk=exchange.pk, state=Exchange.State.ANSWERING).first()
    if row is None:
        return
    answers = [outcome for outcome in outcomes if not outcome.failure]
    random.Random(f"{row.seed}:order").shuffle(answers)
    failures = [outcome for outcome in outcomes if outcome.failure]
    first_free = FIRST_UNSHOWN_POSITION + row.utterances.filter(position__gte=FIRST_UNSHOWN_POSITION).count()
    placed = [*enumerate(answers), *enumerate(failures, start=first_free)]
    Utterance.objects.bulk_create([_utterance(row, outcome, position=position) for position, outcome in placed])
    row.state = Exchange.State.RATING if answers else Exchange.State.FAILED
    row.save(update_fields=["state"])


def _utterance(exchange: Exchange, outcome: Outcome, *, position: int) -> Utterance:
    return Utterance(
        exchange=exchange,
        position=position,
        model_name=outcome.model_name,
        propensity=outcome.propensity,
        text=outcome.text,
        failure=outcome.failure,
        names_itself=names_itself(outcome.text),
        latency_ms=outcome.latency_ms,
        tokens=outcome.tokens,
    )
