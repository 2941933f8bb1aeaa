"""What a study's calls to language models cost and how long they took: reads of the ledger.

Rule: every number here is a sum over rows of the ledger, so the totals of any page agree with the rows under it.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from elicit.models import LlmCall, Study

GROUPS = {"purpose": "purpose", "model": "model_name", "outcome": "outcome"}


@dataclass(frozen=True)
class Account:
    """The calls that share a purpose, a model or an outcome. Times in milliseconds, money in US dollars."""

    name: str
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    median_ms: int
    p95_ms: int

    @property
    def median_seconds(self) -> float:
        """Half of the calls took no longer."""
        return self.median_ms / 1000

    @property
    def p95_seconds(self) -> float:
        """Nineteen of twenty calls took no longer."""
        return self.p95_ms / 1000


def calls_of(study: Study) -> QuerySet[LlmCall]:
    """Return the study's calls, the newest first."""
    return LlmCall.objects.of_study(study).order_by("-at", "-pk")


def accounts_by(group: str, *, study: Study) -> list[Account]:
    """Return one account for each purpose, model or outcome, the dearest first."""
    field = GROUPS[group]
    rows = LlmCall.objects.of_study(study).order_by().values(field).annotate(
        calls=Count("pk"), tokens_in=Sum("input_tokens"), tokens_out=Sum("output_tokens"), cost=Sum("cost_usd")
    )  # fmt: skip
    return [_account(study, field, row) for row in sorted(rows, key=lambda row: (-row["cost"], row[field]))]


def _account(study: Study, field: str, row: dict[str, Any]) -> Account:
    calls = LlmCall.objects.of_study(study).filter(**{field: row[field]})
    answered = calls.filter(outcome=LlmCall.Outcome.OK)
    name = LlmCall.Outcome(row[field]).label if field == "outcome" else row[field]
    timed = calls if field == "outcome" else answered
    return Account(
        name=str(name),
        calls=row["calls"],
        failed=calls.exclude(outcome=LlmCall.Outcome.OK).count(),
        input_tokens=row["tokens_in"],
        output_tokens=row["tokens_out"],
        cost_usd=row["cost"],
        median_ms=_nearest(timed, 50),
        p95_ms=_nearest(timed, 95),
    )


def _nearest(calls: QuerySet[LlmCall], share: int) -> int:
    """Return the latency that `share` percent of the calls do not pass, 0 where there are none."""
    count = calls.count()
    if not count:
        return 0
    place = max(0, math.ceil(count * share / 100) - 1)
    return int(calls.order_by("latency_ms", "pk").values_list("latency_ms", flat=True)[place])
