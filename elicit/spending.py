"""Lease money before a call and settle it after, so that parallel calls cannot pass a cap.

Rule: what is settled and what is held together never pass the cap of the study, of a participant or of a day, because
every lease is made under a lock on its study. A lease whose holder died expires and is released by the next lease.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from elicit.errors import SpendCapReached
from elicit.models import SpendLease, Study

LEASE_SECONDS = 15 * 60  # longer than any call with all its retries
SMALLEST = Decimal("0.000001")
WARNING_SHARE = 0.8

State = SpendLease.State


@dataclass(frozen=True)
class Standing:
    """How much of a study's money is gone: in all, and on this day (UTC). Dollars."""

    spent: Decimal
    held: Decimal
    cap: Decimal
    spent_today: Decimal
    day_cap: Decimal | None

    @property
    def share(self) -> float:
        """The larger of the two parts that are used up, what is set aside included; 0 where nothing may be spent."""
        shares = [(self.spent + self.held, self.cap), (self.spent_today, self.day_cap)]
        return max(float(used / cap) if cap else 0.0 for used, cap in shares)

    @property
    def is_warning(self) -> bool:
        """Whether somebody should look now."""
        return self.share >= WARNING_SHARE


def standing(study: Study, *, now: datetime) -> Standing:
    """Return how much of the study's money is gone."""
    sums = _leases(study).aggregate(
        spent=Sum("amount_usd", filter=Q(state=State.SETTLED)),
        held=Sum("amount_usd", filter=Q(state=State.HELD, expires_at__gt=now)),
        today=Sum("amount_usd", filter=_is_today(now) & ~Q(state=State.HELD, expires_at__lte=now)),
    )
    known = {name: total or Decimal(0) for name, total in sums.items()}
    return Standing(known["spent"], known["held"], study.spend_cap_usd, known["today"], study.spend_cap_day_usd)


def spent(study: Study) -> Decimal:
    """Return what the study has spent."""
    return _sum(study, State.SETTLED)


def held(study: Study) -> Decimal:
    """Return what running calls have set aside."""
    return _sum(study, State.HELD)


@transaction.atomic
def lease(study: Study, amount_usd: Decimal, *, participant_code: str = "", now: datetime) -> SpendLease:
    """Set money aside for one call.

    Raises
    ------
    SpendCapReached
        When it would pass the cap of the study, of the participant or of the day.
    """
    # No key is changed, so that rows which refer to the study can still be written while it is locked.
    locked = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    release_expired(locked, now=now)
    amount = _rounded_up(amount_usd)
    _check_caps(locked, amount, participant_code=participant_code, now=now)
    return SpendLease.objects.create(
        study=locked,
        participant_code=participant_code,
        amount_usd=amount,
        expires_at=now + timedelta(seconds=LEASE_SECONDS),
    )


def _check_caps(study: Study, amount: Decimal, *, participant_code: str, now: datetime) -> None:
    """Refuse an amount that does not fit under every cap. All sums come from one query on one index."""
    sums = _leases(study).aggregate(
        study=Sum("amount_usd"),
        day=Sum("amount_usd", filter=_is_today(now)),
        participant=Sum("amount_usd", filter=Q(participant_code=participant_code)),
    )
    caps = [
        ("study", study.spend_cap_usd, "spend_cap_usd", "The study {slug} has"),
        ("day", study.spend_cap_day_usd, "spend_caps: day_usd", "The study {slug} has for today (UTC)"),
    ]
    if participant_code:
        participant_cap = study.spend_cap_participant_usd
        caps.append(("participant", participant_cap, "spend_caps: participant_usd", "A participant of {slug} has"))
    for name, cap, key, who in caps:
        if cap is not None and (sums[name] or Decimal(0)) + amount > cap:
            raise SpendCapReached(
                f"{who.format(slug=study.slug)} reached the spending cap of {cap:.2f} US dollars. "
                f"Raise {key} in the study's file, or use offline models."
            )


def _leases(study: Study) -> "QuerySet[SpendLease]":
    """Return what counts against the caps."""
    return SpendLease.objects.filter(study=study, state__in=[State.SETTLED, State.HELD])


def _is_today(now: datetime) -> Q:
    """Tell the leases of this day (UTC) by when they expire, since that is set by the same clock."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(expires_at__gte=midnight + timedelta(seconds=LEASE_SECONDS))


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
