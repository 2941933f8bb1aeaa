"""Write every call down. Rule: a row says which prompt, which model, how long and how much, and never a word of it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from elicit.llm.backends import Answer
from elicit.llm.prompts import Prompt
from elicit.models import LlmCall, Participant, SpendLease, Study
from elicit.participants import tombstone_code


@dataclass(frozen=True)
class CallContext:
    """For whom a model is asked, and what for. The seed is what offline answerers draw by."""

    study: Study
    purpose: str
    participant_code: str = ""
    seed: str = ""


@transaction.atomic
def record_call(
    call: CallContext,
    *,
    model_name: str,
    prompt: Prompt,
    outcome: str,
    answer: Answer | None = None,
    cost_usd: Decimal = Decimal(0),
    latency_ms: int = 0,
    failure: BaseException | None = None,
) -> LlmCall:
    """Add a row to the ledger; of a failure only its class is kept."""
    return LlmCall.objects.create(
        study=call.study,
        participant_code=_code_to_keep(call.participant_code),
        purpose=call.purpose,
        prompt_name=prompt.name,
        prompt_hash=prompt.hash,
        model_name=model_name,
        input_tokens=(answer and answer.input_tokens) or 0,
        output_tokens=(answer and answer.output_tokens) or 0,
        cost_usd=cost_usd,
        latency_ms=latency_ms,
        outcome=outcome,
        failure=type(failure).__name__ if failure else "",
    )


def _code_to_keep(code: str) -> str:
    """Return for whom a call was made; nobody once they withdrew while it ran. A withdrawal under way is waited for."""
    known = Participant.objects.select_for_update().filter(code=code).values_list("pk").first() if code else None
    if known or not code or not Participant.objects.filter(code=tombstone_code(code)).exists():
        return code
    SpendLease.objects.filter(participant_code=code).update(participant_code="")
    return ""
