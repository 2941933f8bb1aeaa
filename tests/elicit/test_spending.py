"""What is spent and what is set aside together never pass a study's cap."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from elicit import spending
from elicit.errors import SpendCapReached
from elicit.models import SpendLease, Study
from tests.make import NOW

pytestmark = pytest.mark.django_db


def make_capped(cap: str = "1") -> Study:
    return Study.objects.create(slug="capped", title={"en": "Capped"}, spend_cap_usd=Decimal(cap))


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


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_leases_never_pass_the_cap():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    study = make_capped("1")
    start, refused = threading.Barrier(50), []

    def call() -> None:
        start.wait()
        try:
            spending.lease(study, Decimal("0.1"), now=NOW)
        except SpendCapReached as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (SpendLease.objects.count(), len(refused), spending.held(study)) == (10, 40, 1)
