"""Pay for one call and write it down, however it ends.

Rule: money is leased before a model is asked. What a failed call did cost is taken to be nothing where the provider
turned it away, and the whole lease where nobody can know (no answer in time, left before its end, tokens not counted).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType

from django.utils import timezone

from elicit import connections, spending
from elicit.errors import LLMError, SpendCapReached
from elicit.llm.backends import Answer, LastingFailure, PassingFailure
from elicit.llm.configuration import ConfiguredModel, price_of
from elicit.llm.ledger import CallContext, record_call
from elicit.llm.prompts import Prompt
from elicit.llm.replies import InvalidReply
from elicit.models import LlmCall, SpendLease

TOKENS_AROUND_A_MESSAGE = 16

Outcome = LlmCall.Outcome


class CallRefused(LLMError):
    """The call was not made: a spending cap is reached, or nobody knows what the model costs."""

    trouble = "budget"


class Stopped(Exception):
    """Whoever asked wants no more of the answer. With words, the call was of use and counts as answered."""

    def __init__(self, *, has_words: bool = False) -> None:
        super().__init__()
        self.has_words = has_words


@dataclass(frozen=True)
class Completion:
    """A plain text, which model wrote it and what that took. It was cut where the model reached its longest answer.

    `parameters` say how it was asked, and as which version the provider says that it answered.
    """

    text: str
    model_name: str
    tokens: int
    latency_ms: int
    cost_usd: Decimal
    was_cut: bool = False
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)


class MeteredCall:
    """One call to one model. Inside the block, set `answer` as soon as there is one."""

    def __init__(self, call: CallContext, *, model: ConfiguredModel, prompt: Prompt) -> None:
        self.call = call
        self.model = model
        self.prompt = prompt
        self.answer: Answer | None = None
        self.cost_usd = Decimal(0)
        self.latency_ms = 0
        self._lease: SpendLease | None = None

    def __enter__(self) -> "MeteredCall":
        try:
            self._price = price_of(self.model)
            self._most = self._price.of(most_input_tokens(self.prompt), self.model.most_output_tokens)
            if self._most:
                self._lease = spending.lease(
                    self.call.study, self._most, participant_code=self.call.participant_code, now=timezone.now()
                )
        except (LLMError, SpendCapReached) as error:
            self._record(Outcome.REFUSED, error)
            raise CallRefused(str(error)) from error
        connections.let_go()  # the model may take a minute, and others need the connection meanwhile
        self._start = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.latency_ms = round((time.monotonic() - self._start) * 1000)
        self.cost_usd = self._cost(error)
        if self._lease and self.cost_usd:
            spending.settle(self._lease, self.cost_usd)
        elif self._lease:
            spending.release(self._lease)
        self._record(_outcome(error), error)

    @property
    def tokens(self) -> int:
        """Every token of the question and the answer, as far as they were counted."""
        return (self.answer.input_tokens or 0) + (self.answer.output_tokens or 0) if self.answer else 0

    def completion(self, *, asked_with: Mapping[str, float | int] | None = None) -> Completion:
        """Return the answer with what it took, once the block is left."""
        answer = self.answer or Answer("", None, None)
        told = {"answered_as": answer.answered_as} if answer.answered_as else {}
        return Completion(
            text=answer.text.strip(),
            model_name=self.model.name,
            tokens=self.tokens,
            latency_ms=self.latency_ms,
            cost_usd=self.cost_usd,
            was_cut=answer.finish == "length",
            parameters={"max_tokens": self.model.most_output_tokens, **(asked_with or {}), **told},
        )

    def _cost(self, error: BaseException | None) -> Decimal:
        if self.answer is None:
            was_turned_away = isinstance(error, PassingFailure | LastingFailure) and not error.may_have_cost
            return Decimal(0) if was_turned_away else self._most
        if self.answer.input_tokens is None or self.answer.output_tokens is None:
            return self._most
        return self._price.of(self.answer.input_tokens, self.answer.output_tokens)

    def _record(self, outcome: str, error: BaseException | None) -> None:
        record_call(
            self.call,
            model_name=self.model.name,
            prompt=self.prompt,
            outcome=outcome,
            answer=self.answer,
            cost_usd=self.cost_usd,
            latency_ms=self.latency_ms,
            failure=error,
        )


def most_input_tokens(prompt: Prompt) -> int:
    """Return a number of tokens that the prompt cannot pass: a token is at least one byte."""
    return sum(len(message.content.encode()) + TOKENS_AROUND_A_MESSAGE for message in prompt.messages)


def _outcome(error: BaseException | None) -> str:
    if error is None or (isinstance(error, Stopped) and error.has_words):
        return Outcome.OK
    return Outcome.INVALID if isinstance(error, InvalidReply) else Outcome.FAILED
