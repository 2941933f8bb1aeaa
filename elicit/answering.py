"""Have a prompt answered: draw the models, ask them at once, put another in the place of one that fails, fix the order.

Rule: the draw and the order come from the exchange's seed, and the draw of a balanced study also from what was shown
before. All answers are stored together when the last has arrived, so that nobody can rate how fast one was, and a job
that runs twice stores them once.
"""

import random
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import transaction

from elicit import connections, exposures, moderation
from elicit.conversations import FIRST_UNSHOWN_POSITION
from elicit.drawing import Draw, Place
from elicit.errors import LLMError
from elicit.flagging import checks_of, names_itself
from elicit.jobs import JobProgress
from elicit.llm import gateway, prompts
from elicit.models import Conversation, Exchange, Utterance
from elicit.openings import design_of, own_instructions

MODELS_OF_THE_OWN_ARM = 2  # each answers with the person's instructions and without: four answers
SAMPLES_OF_THE_CHOSEN = 2
SPARE_SAMPLES_OF_THE_CHOSEN = 2
LONGEST_FAILURE = 200
SECONDS_BETWEEN_REPORTS = 2.0
DEADLINES_UNTIL_NO_MORE = 1.5  # so that one that was silent to its deadline is still replaced, and nobody waits for two
PROMPTS = {"default": "conversation_answer", "own": "conversation_own_instructions"}
PURPOSE = "conversation"
OTHER_HALF_FAILED = "Its other answer, with or without the person's instructions, failed."

Arm = Conversation.Arm
System = Utterance.System


@dataclass(frozen=True)
class Plan:
    """Who is asked at once, who stands by, by which policy, and with which instructions each of them answers."""

    policy: str
    draw: Draw
    systems: tuple[str, ...] = (System.DEFAULT,)


@dataclass(frozen=True)
class Outcome:
    """What came back from one model: a text, or the reason why there is none.

    `place` counts the models in the order in which they were asked, `ended` is when it came, on a clock of its own.
    """

    model_name: str
    propensity: float
    text: str = ""
    failure: str = ""
    trouble: str = ""
    tokens: int = 0
    latency_ms: int = 0
    system: str = System.DEFAULT
    is_back_fill: bool = False
    place: int = 0
    ended: float = 0.0
    seed: str = ""
    prompt_name: str = ""
    prompt_hash: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


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


def winner_before(exchange: Exchange) -> Utterance | None:
    """Return the answer whose model goes on; None at the opening, and after a prompt whose answers were all bad."""
    last = exchange.conversation.exchanges.filter(number__lt=exchange.number).order_by("-number").first()
    return last.utterances.filter(is_chosen=True).first() if last else None


def plan_for(exchange: Exchange, *, attempt: int = 0) -> Plan:
    """Return who answers: two samples of the winner, or else models drawn by the study's policy.

    Each time that a person has to ask again, other models are drawn.
    """
    winner = winner_before(exchange)
    if winner is not None:
        sample = Place(winner.model_name, 1.0)
        draw = Draw((sample,) * SAMPLES_OF_THE_CHOSEN, (sample,) * SPARE_SAMPLES_OF_THE_CHOSEN)
        return Plan(exposures.WINNER, draw, (winner.system,))
    participant = exchange.conversation.participant
    design = design_of(participant)
    has_own = exchange.conversation.arm == Arm.OWN_SYSTEM
    draw = exposures.draw_for(
        participant,
        models=gateway.available_models(participant.study),
        wanted=MODELS_OF_THE_OWN_ARM if has_own else design.answers,
        seed=f"{exchange.seed}:{attempt}" if attempt else str(exchange.seed),
    )
    return Plan(design.draw, draw, (System.DEFAULT, System.OWN) if has_own else (System.DEFAULT,))


def answer_exchange(progress: JobProgress) -> None:
    """Do the job: have one exchange answered and store all of it together."""
    exchange = (
        Exchange.objects.select_related("conversation__participant__version", "conversation__participant__study")
        .filter(pk=progress.payload["exchange"], state=Exchange.State.ANSWERING)
        .first()
    )
    if exchange is None:
        return
    attempt = progress.payload.get("attempt", 0)
    plan = plan_for(exchange, attempt=attempt)
    outcomes = _Asking(exchange, plan, attempt=attempt).until_enough(progress)
    store(exchange, settled(outcomes, systems=plan.systems), policy=plan.policy)


class _Asking:
    """Asks the models of a plan at the same time until as many as wanted have answered, or nobody is left to ask."""

    def __init__(self, exchange: Exchange, plan: Plan, *, attempt: int) -> None:
        self.exchange = exchange
        self.plan = plan
        self.attempt = attempt
        self.wanted = len(plan.draw.places)
        self.standby = deque(plan.draw.standby)
        self.outcomes: list[Outcome] = []
        self.places_asked = 0
        said = history(exchange)
        own = own_instructions(exchange.conversation.participant) if System.OWN in plan.systems else ""
        given = {System.DEFAULT: {}, System.OWN: {"instructions": own}}
        self.prompts = {
            system: prompts.conversation(PROMPTS[system], said, given[System(system)]) for system in plan.systems
        }

    def until_enough(self, progress: JobProgress) -> list[Outcome]:
        """Return what came of every call, once enough have answered."""
        no_more_after = time.monotonic() + DEADLINES_UNTIL_NO_MORE * settings.LLM_DEADLINE_SECONDS
        progress.report(0, self.wanted)
        connections.let_go()
        with connections.workers(self.wanted * len(self.plan.systems)) as pool:
            waiting = {call for place in self.plan.draw.places for call in self._ask(pool, place)}
            while waiting:
                done, waiting = wait(waiting, timeout=SECONDS_BETWEEN_REPORTS, return_when=FIRST_COMPLETED)
                self.outcomes += [call.result() for call in done]
                while self._is_one_missing(waiting) and self.standby and time.monotonic() < no_more_after:
                    waiting |= set(self._ask(pool, self.standby.popleft()))
                progress.report(len(complete(self.outcomes, systems=self.plan.systems)), self.wanted)
                connections.let_go()
        return self.outcomes

    def _is_one_missing(self, waiting: Iterable[Future[Outcome]]) -> bool:
        """Say whether more of the models that were asked have failed than were replaced."""
        failed = {outcome.place for outcome in self.outcomes if outcome.failure}
        return self.places_asked - len(failed) < self.wanted

    def _ask(self, pool: Executor, place: Place) -> list[Future[Outcome]]:
        """Ask one model, once for each of the plan's instructions."""
        number = self.places_asked
        self.places_asked += 1
        asked = Outcome(place.model_name, place.propensity, is_back_fill=number >= self.wanted, place=number)
        return [self._ask_with(pool, system, asked) for system in self.plan.systems]

    def _ask_with(self, pool: Executor, system: str, asked: Outcome) -> Future[Outcome]:
        call, prompt = self._call(asked.place, system), self.prompts[system]
        about = replace(asked, system=system, seed=call.seed, prompt_name=prompt.name, prompt_hash=prompt.hash)
        return pool.submit(_ask, call, prompt, about)

    def _call(self, number: int, system: str) -> gateway.CallContext:
        """Return whom to charge, with a seed of its own, so that two samples of one model can differ."""
        participant = self.exchange.conversation.participant
        parts = [str(self.exchange.seed), *([str(self.attempt)] if self.attempt else []), str(number)]
        own = [system] if system == System.OWN else []
        return gateway.CallContext(
            study=participant.study,
            purpose=PURPOSE,
            participant_code=participant.code,
            seed=":".join([*parts, *own]),
        )


def _ask(call: gateway.CallContext, prompt: prompts.Prompt, asked: Outcome) -> Outcome:
    """Ask one model; what it answered or why it did not is a value, so that no thread ends with an error."""
    try:
        completion = gateway.write(prompt, model_name=asked.model_name, call=call)
    except LLMError as error:
        failure = f"{type(error).__name__}: {error}"[:LONGEST_FAILURE]
        return replace(asked, failure=failure, trouble=error.trouble, ended=time.monotonic())
    text = completion.text.strip()
    return replace(
        asked,
        text=text,
        failure="" if text else "The answer was empty.",
        tokens=completion.tokens,
        latency_ms=completion.latency_ms,
        parameters={**completion.parameters, **({"was_cut": True} if completion.was_cut else {})},
        ended=time.monotonic(),
    )


def complete(outcomes: Iterable[Outcome], *, systems: Sequence[str]) -> list[Outcome]:
    """Return the answers of those models that answered with all of the plan's instructions."""
    by_place: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        if not outcome.failure:
            by_place.setdefault(outcome.place, []).append(outcome)
    return [answer for answers in by_place.values() if len(answers) == len(systems) for answer in answers]


def settled(outcomes: Sequence[Outcome], *, systems: Sequence[str]) -> list[Outcome]:
    """Return the outcomes, with an answer taken out that has nothing to be compared with, unless there is no other."""
    whole = complete(outcomes, systems=systems)
    if not whole:
        return list(outcomes)
    return [
        outcome if outcome.failure or outcome in whole else replace(outcome, text="", failure=OTHER_HALF_FAILED)
        for outcome in outcomes
    ]


@transaction.atomic
def store(exchange: Exchange, outcomes: Sequence[Outcome], *, policy: str = "uniform") -> None:
    """Store the answers in the seed's order and let them be rated; without any, the exchange has failed."""
    found = Exchange.objects.select_related("conversation__participant").select_for_update(of=("self",))
    row = found.filter(pk=exchange.pk, state=Exchange.State.ANSWERING).first()
    if row is None:
        return
    answers = sorted((outcome for outcome in outcomes if not outcome.failure), key=lambda answer: answer.place)
    arrived = sorted(answers, key=lambda answer: answer.ended)
    random.Random(f"{row.seed}:order").shuffle(answers)
    failures = [outcome for outcome in outcomes if outcome.failure]
    first_free = FIRST_UNSHOWN_POSITION + row.utterances.filter(position__gte=FIRST_UNSHOWN_POSITION).count()
    texts = [answer.text for answer in answers]
    Utterance.objects.bulk_create(
        [
            *(
                _shown(row, answer, position=position, arrival=arrived.index(answer), texts=texts)
                for position, answer in enumerate(answers)
            ),
            *(_utterance(row, failed, position=position) for position, failed in enumerate(failures, start=first_free)),
        ]
    )
    row.state = Exchange.State.RATING if answers else Exchange.State.FAILED
    row.draw_policy = policy
    row.save(update_fields=["state", "draw_policy"])
    if answers:
        moderation.ask_about_exchange(row)


def _shown(exchange: Exchange, answer: Outcome, *, position: int, arrival: int, texts: Sequence[str]) -> Utterance:
    """Return an answer that is shown, with what is to be said of its words; two of the same words say so of both."""
    utterance = _utterance(exchange, answer, position=position)
    utterance.arrival = arrival
    utterance.names_itself = names_itself(answer.text)
    is_twin = {"identical": True} if texts.count(answer.text) > 1 else {}
    utterance.checks = checks_of(answer.text, language=exchange.conversation.participant.language) | is_twin
    return utterance


def _utterance(exchange: Exchange, outcome: Outcome, *, position: int) -> Utterance:
    return Utterance(
        exchange=exchange,
        position=position,
        model_name=outcome.model_name,
        propensity=outcome.propensity,
        is_back_fill=outcome.is_back_fill,
        system=outcome.system,
        text=outcome.text,
        failure=outcome.failure,
        latency_ms=outcome.latency_ms,
        tokens=outcome.tokens,
        parameters=dict(outcome.parameters),
        prompt_name=outcome.prompt_name,
        prompt_hash=outcome.prompt_hash,
        seed=outcome.seed,
        checks={"trouble": outcome.trouble} if outcome.trouble else {},
    )
