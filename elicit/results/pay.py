"""What people are paid for an hour, from how long they took."""

from dataclasses import dataclass
from decimal import Decimal

from elicit.durations import Minutes, measured_minutes
from elicit.models import Study
from elicit.study_files import PayDesign

CENTS = Decimal("0.01")


@dataclass(frozen=True)
class Pay:
    """What half of the people earn an hour at least, and nine of ten; the raise that the slower half would need.

    `least` is what the study promises; `raise_to` is the amount at which the median reaches it, None where it does.
    """

    amount: Decimal
    currency: str
    minutes: Minutes
    median_hourly: Decimal
    slow_hourly: Decimal
    least: Decimal | None
    raise_to: Decimal | None


def pay_of(study: Study) -> Pay | None:
    """Return what an hour brings, or None while the study pays nothing or fewer than ten people have finished."""
    design = study.current_version.design.pay
    minutes = measured_minutes(study)
    if design is None or minutes is None:
        return None
    return pay_for(design, minutes)


def pay_for(design: PayDesign, minutes: Minutes) -> Pay:
    """Return what an hour brings at these times.

    >>> from elicit.durations import Minutes
    >>> design = PayDesign(amount=Decimal(6), currency="GBP", least_per_hour=Decimal(9))
    >>> pay = pay_for(design, Minutes(median=45, nine_in_ten=90, people=20))
    >>> pay.median_hourly, pay.slow_hourly, pay.raise_to
    (Decimal('8.00'), Decimal('4.00'), Decimal('6.75'))
    """
    median_hourly = _hourly(design.amount, minutes.median)
    least = design.least_per_hour
    is_short = least is not None and median_hourly < least
    return Pay(
        amount=design.amount,
        currency=design.currency,
        minutes=minutes,
        median_hourly=median_hourly,
        slow_hourly=_hourly(design.amount, minutes.nine_in_ten),
        least=least,
        raise_to=(least * minutes.median / 60).quantize(CENTS) if least is not None and is_short else None,
    )


def _hourly(amount: Decimal, minutes: int) -> Decimal:
    return (amount * 60 / minutes).quantize(CENTS)
