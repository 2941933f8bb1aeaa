"""What the study's calls to language models cost, against its caps."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from elicit.accounts import accounts_by, calls_of
from elicit.csv_files import csv_lines
from elicit.models import Study
from elicit.querysets import Role
from elicit.roles import member_view
from elicit.spending import standing
from elicit.views.organizer.shell import page_of, shell

MAY_SEE = (Role.ORGANIZER, Role.ANALYST)
COLUMNS = (
    "at", "purpose", "model_name", "outcome", "failure", "input_tokens", "output_tokens", "cost_usd", "latency_ms",
    "prompt_name", "prompt_hash", "participant_code",
)  # fmt: skip


@require_safe
@member_view(*MAY_SEE)
def money(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the ledger: sums by purpose, model and outcome, and the calls themselves."""
    context = {
        "money": standing(study, now=timezone.now()),
        "by_purpose": accounts_by("purpose", study=study),
        "by_model": accounts_by("model", study=study),
        "by_outcome": accounts_by("outcome", study=study),
        "page": page_of(request, calls_of(study)),
    }
    return render(request, "organizer/money.html", shell(request, study, "money", **context))


@require_safe
@member_view(*MAY_SEE)
def ledger_file(request: HttpRequest, study: Study) -> StreamingHttpResponse:
    """Send every call as CSV, the oldest first."""
    response = StreamingHttpResponse(csv_lines(COLUMNS, _rows(study)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-ledger.csv"'
    return response


def _rows(study: Study) -> Iterator[tuple[Any, ...]]:
    return calls_of(study).reverse().values_list(*COLUMNS).iterator(chunk_size=2000)
