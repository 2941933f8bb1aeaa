"""Lease money before a call and settle it after, so that parallel calls cannot pass a study's cap.

Rule: what is settled and what is held together never pass the cap, because every lease is made under a lock on its
study. A lease whose holder died expires and is released by the next lease.
"""

from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from django.db import transaction
from django.db.models import Sum

from elicit.errors import SpendCapReached
from elicit.models import SpendLease, Study

LEASE_SECONDS = 15 * 60  # longer than any call with all its retries
SMALLEST = Decimal("0.000001")

State = SpendLease.State


def spent(study: Study) -> Decimal:
    """Return what the study has spent."""
    return _sum(study, State.SETTLED)


def held(study: Study) -> Decimal:
    """Return what running calls have set aside."""
    return _sum(study, State.HELD)


@transaction.atomic
def lease(study: Study, amount_usd: Decimal, *, now: datetime) -> SpendLease:
    """Set money aside for one call.

    Raises
    ------
    SpendCapReached
        When it would pass the study's cap.
    """
    locked = Study.objects.select_for_update().get(pk=study.pk)
    release_expired(locked, now=now)
    amount = _rounded_up(amount_usd)
    if spent(locked) + held(locked) + amount > locked.spend_cap_usd:
        raise SpendCapReached(
            f"The study {locked.slug} has reached its spending cap of {locked.spend_cap_usd:.2f} US dollars. "
            "Raise spend_cap_usd in its file, or use offline models."
        )
    return SpendLease.objects.create(study=locked, amount_usd=amount, expires_at=now + timedelta(seconds=LEASE_SECONDS))


def settle(lease: SpendLease, cost_usd: Decimal) -> None:
    """Replace what was set aside by what the call did cost; also when the lease has expired meanwhile."""
    SpendLease.objects.filter(pk=lease.pk).update(amount_usd=_rounded_up(cost_usd), state=State.SETTLED)


def release(lease: SpendLease) -> None:
    """Give back what a call that cost nothing had set aside."""
    SpendLease.objects.filter(pk=lease.pk, state=State.HELD).update(state=State.RELEASED)


def release_expired(study: Study, *, now: datetime) -> int:
    """Give back what calls set aside that never ended; return how many there were."""
    expired = SpendLease.objects.filter(study=study, state=State.HELD, expires_at__lte=now)
    return expired.update(state=State.RELEASED)


def _sum(study: Study, state: str) -> Decimal:
    return SpendLease.objects.filter(study=study, state=state).aggregate(total=Sum("amount_usd"))["total"] or Decimal(0)


def _rounded_up(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, rounding=ROUND_UP)
