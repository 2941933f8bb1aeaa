"""What the ledger adds up to."""

from decimal import Decimal

import pytest

from elicit.accounts import Account, accounts_by
from elicit.models import LlmCall, Study
from tests.make import make_study

pytestmark = pytest.mark.django_db


def pay(study: Study, *, cost: str = "0.10", latency: int = 100, **fields: object) -> LlmCall:
    given = {"purpose": "interview", "model_name": "m", "outcome": "ok", "input_tokens": 10, "output_tokens": 5}
    return LlmCall.objects.create(study=study, cost_usd=Decimal(cost), latency_ms=latency, **{**given, **fields})


def test_an_account_adds_up_the_calls_of_one_purpose():
    study = make_study()
    for latency in (100, 200, 300):
        pay(study, latency=latency)
    pay(study, latency=9999, cost="0", outcome="failed")
    [account] = accounts_by("purpose", study=study)
    assert account == Account("interview", 4, 1, 40, 20, Decimal("0.30"), median_ms=200, p95_ms=300)


def test_the_dearest_account_comes_first():
    study = make_study()
    pay(study, model_name="cheap", cost="0.01")
    pay(study, model_name="dear", cost="0.50")
    assert [account.name for account in accounts_by("model", study=study)] == ["dear", "cheap"]


def test_outcomes_are_named_in_words_and_timed_also_where_nothing_came():
    study = make_study()
    pay(study, outcome="failed", cost="0", latency=700)
    [account] = accounts_by("outcome", study=study)
    assert (account.name, account.median_ms) == ("Failed", 700)


def test_another_studys_calls_are_in_no_account():
    pay(make_study())
    assert accounts_by("purpose", study=make_study()) == []
