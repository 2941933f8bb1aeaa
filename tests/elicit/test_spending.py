"""What is spent and what is set aside together never pass a cap: of the study, of a participant, of a day."""

import datetime as clocks
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elicit import spending
from elicit.errors import LLMError, SpendCapReached
from elicit.forgetting import unname_calls
from elicit.llm import gateway
from elicit.llm.backends import Answer
from elicit.llm.backends.scripted import scripted
from elicit.llm.ledger import CallContext
from elicit.models import LlmCall, SpendLease, Study
from tests.make import NOW, make_participant, make_study

QUESTION = [{"role": "user", "content": "What then?"}]

pytestmark = pytest.mark.django_db


def make_capped(cap: str = "1", **more: str) -> Study:
    caps = {f"spend_cap_{name}_usd": Decimal(dollars) for name, dollars in more.items()}
    return Study.objects.create(slug="capped", title={"en": "Capped"}, spend_cap_usd=Decimal(cap), **caps)


def test_money_is_held_until_it_is_settled():
    study = make_capped()
    lease = spending.lease(study, Decimal("0.40"), now=NOW)
    assert (spending.held(study), spending.spent(study)) == (Decimal("0.40"), 0)
    spending.settle(lease, Decimal("0.15"))
    assert (spending.held(study), spending.spent(study)) == (0, Decimal("0.15"))


def test_the_cap_can_be_reached_but_not_passed():
    study = make_capped()
    spending.lease(study, Decimal("0.60"), now=NOW)
    spending.lease(study, Decimal("0.40"), now=NOW)
    with pytest.raises(SpendCapReached, match="spend_cap_usd"):
        spending.lease(study, Decimal("0.000001"), now=NOW)


def test_a_study_without_a_cap_spends_nothing():
    with pytest.raises(SpendCapReached):
        spending.lease(make_capped("0"), Decimal("0.01"), now=NOW)


def test_a_smaller_bill_makes_room_for_more():
    study = make_capped()
    spending.settle(spending.lease(study, Decimal(1), now=NOW), Decimal("0.1"))
    assert spending.lease(study, Decimal("0.9"), now=NOW)


def test_a_released_lease_costs_nothing():
    study = make_capped()
    spending.release(spending.lease(study, Decimal(1), now=NOW))
    assert spending.lease(study, Decimal(1), now=NOW)


def test_releasing_after_settling_changes_nothing():
    study = make_capped()
    lease = spending.lease(study, Decimal(1), now=NOW)
    spending.settle(lease, Decimal(1))
    spending.release(lease)
    assert spending.spent(study) == 1


def test_a_lease_whose_holder_died_expires():
    study = make_capped()
    spending.lease(study, Decimal(1), now=NOW)
    with pytest.raises(SpendCapReached):
        spending.lease(study, Decimal(1), now=NOW + timedelta(seconds=spending.LEASE_SECONDS - 1))
    assert spending.lease(study, Decimal(1), now=NOW + timedelta(seconds=spending.LEASE_SECONDS))


def test_a_bill_that_comes_after_expiry_still_counts():
    study = make_capped()
    late = spending.lease(study, Decimal("0.5"), now=NOW)
    spending.release_expired(study, now=NOW + timedelta(days=1))
    spending.settle(late, Decimal("0.5"))
    assert spending.spent(study) == Decimal("0.5")


def test_fractions_of_a_millionth_are_rounded_up():
    study = make_capped()
    assert spending.lease(study, Decimal("0.0000001"), now=NOW).amount_usd == Decimal("0.000001")


def test_one_study_does_not_spend_anothers_money():
    study, other = make_capped(), Study.objects.create(slug="other", title={"en": "Other"}, spend_cap_usd=1)
    spending.lease(study, Decimal(1), now=NOW)
    assert spending.lease(other, Decimal(1), now=NOW)


def test_a_participant_cannot_use_up_what_is_for_all():
    study = make_capped(participant="0.3")
    spending.settle(spending.lease(study, Decimal("0.3"), participant_code="ann", now=NOW), Decimal("0.2"))
    with pytest.raises(SpendCapReached, match="participant_usd"):
        spending.lease(study, Decimal("0.11"), participant_code="ann", now=NOW)
    assert spending.lease(study, Decimal("0.3"), participant_code="ben", now=NOW)


def test_calls_for_nobody_have_no_participants_cap():
    study = make_capped(participant="0.3")
    for _ in range(3):
        spending.lease(study, Decimal("0.3"), now=NOW)
    assert spending.held(study) == Decimal("0.9")


def test_a_day_has_its_own_cap_and_ends_at_midnight_utc():
    study = make_capped("10", day="1")
    late = datetime(2026, 11, 3, 23, 59, 59, tzinfo=UTC)
    spending.settle(spending.lease(study, Decimal(1), now=late), Decimal(1))
    with pytest.raises(SpendCapReached, match="day_usd"):
        spending.lease(study, Decimal("0.01"), now=late)
    assert spending.lease(study, Decimal(1), now=late + timedelta(seconds=1))


def test_midnight_is_the_same_for_every_time_zone():
    study = make_capped("10", day="1")
    spending.settle(spending.lease(study, Decimal(1), now=datetime(2026, 11, 4, 0, 30, tzinfo=UTC)), Decimal(1))
    with pytest.raises(SpendCapReached):
        spending.lease(study, Decimal(1), now=datetime(2026, 11, 3, 20, 0, tzinfo=clocks.timezone(timedelta(hours=-5))))


def test_where_a_study_stands():
    study = make_capped("10", day="2")
    yesterday = NOW - timedelta(days=1)
    spending.settle(spending.lease(study, Decimal(2), now=yesterday), Decimal(2))
    spending.settle(spending.lease(study, Decimal(1), now=NOW), Decimal("0.5"))
    spending.lease(study, Decimal(1), now=NOW)
    standing = spending.standing(study, now=NOW)
    assert (standing.spent, standing.held, standing.cap) == (Decimal("2.5"), 1, 10)
    assert (standing.spent_today, standing.day_cap, standing.share) == (Decimal("1.5"), 2, 0.75)


@pytest.mark.parametrize(("spent", "is_warning"), [("0.79", False), ("0.8", True), ("1", True)])
def test_the_warning_comes_at_eighty_percent(spent, is_warning):
    study = make_capped()
    spending.settle(spending.lease(study, Decimal(spent), now=NOW), Decimal(spent))
    assert spending.standing(study, now=NOW).is_warning is is_warning


def test_a_study_that_may_spend_nothing_warns_of_nothing():
    assert not spending.standing(make_capped("0"), now=NOW).is_warning


def test_the_caps_cost_one_query():
    study = make_capped(day="1", participant="1")
    with CaptureQueriesContext(connection) as queries:
        spending.lease(study, Decimal("0.1"), participant_code="ann", now=NOW)
    assert sum("SUM(" in query["sql"] for query in queries) == 1


def test_a_study_file_sets_all_three_caps():
    study = make_study(more="spend_cap_usd: 9\nspend_caps: {participant_usd: 0.5, day_usd: 3}\n")
    caps = (study.spend_cap_usd, study.spend_cap_participant_usd, study.spend_cap_day_usd)
    assert caps == (9, Decimal("0.5"), 3)


def test_who_is_forgotten_is_no_longer_named_on_a_lease():
    participant = make_participant()
    Study.objects.update(spend_cap_usd=1)
    spending.lease(participant.study, Decimal("0.1"), participant_code=participant.code, now=NOW)
    unname_calls(participant)
    assert SpendLease.objects.get().participant_code == ""


def together(call) -> None:
    """Make fifty calls at once, each from a thread of its own."""
    start = threading.Barrier(50)

    def one(number: int) -> None:
        start.wait()
        call(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_parallel(study: Study, code_of) -> list[SpendCapReached]:
    """Lease 0.1 dollars fifty times at once; return the refusals."""
    refused = []

    def call(number: int) -> None:
        try:
            spending.lease(study, Decimal("0.1"), participant_code=code_of(number), now=NOW)
        except SpendCapReached as error:
            refused.append(error)
        finally:
            connection.close()

    together(call)
    return refused


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("caps", "fits"),
    [
        pytest.param({"cap": "1"}, 10, id="study"),
        pytest.param({"cap": "100", "day": "1.5"}, 15, id="day"),
        pytest.param({"cap": "100", "participant": "0.3"}, 15, id="participant"),
        pytest.param({"cap": "1.2", "day": "1.5", "participant": "0.3"}, 12, id="all"),
    ],
)
def test_fifty_parallel_leases_never_pass_a_cap(caps, fits):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    study = make_capped(**caps)
    refused = in_parallel(study, lambda number: f"person{number % 5}")
    assert (SpendLease.objects.count(), len(refused)) == (fits, 50 - fits)
    assert spending.held(study) == fits * Decimal("0.1")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_locked_study_still_takes_new_rows():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    study = make_capped()
    done = threading.Event()

    def write() -> None:
        LlmCall.objects.create(study=study, purpose="x", model_name="x", outcome="ok")
        connection.close()
        done.set()

    with transaction.atomic():
        spending.lease(study, Decimal("0.1"), now=NOW)
        threading.Thread(target=write).start()
        assert done.wait(60)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_calls_never_pass_the_cap(settings):
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    settings.LLM_MODELS = {"scripted/paid": {"model": "openai/x", "input_per_million": 0.0, "output_per_million": 1e3}}
    study = make_capped("10", participant="4")  # a call may cost 0.8 dollars and does cost 0.02
    answered, refused, used = [], [], []

    def call(number: int) -> None:
        context = CallContext(study=study, purpose="test", participant_code=f"person{number % 2}")
        try:
            answered.append(list(gateway.stream(QUESTION, call=context, model_names=["scripted/paid"])))
            standing = spending.standing(study, now=timezone.now())
            used.append(standing.spent + standing.held)
        except LLMError as error:
            refused.append(error.trouble)
        finally:
            connection.close()

    with scripted(*[Answer("Yes.", 100, 20)] * 50):
        together(call)
    assert (len(answered) + len(refused), max(used) <= 10) == (50, True)
    assert set(refused) <= {"budget"}
    assert (spending.held(study), spending.spent(study)) == (0, len(answered) * Decimal("0.02"))
    assert LlmCall.objects.count() == 50
