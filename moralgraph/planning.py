"""Say what a study's design will settle, take and cost, before it opens: for `plan_study` and for the list of points.

Rule that must stay true: a plan is read from the study's file and the simulated table alone, so that it needs no
participant and costs a page nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from elicit.checklist import Point
from elicit.models import Study
from elicit.study_files import StudyDesign
from moralgraph.algorithms.planning import USUAL_CARDS, Plan, plan

CENTS = Decimal("0.01")


@dataclass(frozen=True)
class Budget:
    """What a study takes and costs, if everybody takes as long as its file says.

    Attributes
    ----------
    hours
        Of all people together.
    pay
        What all people are paid, in `currency`; None where the study pays nothing.
    per_hour, least_per_hour
        What one hour brings, and what it should.
    model_usd
        The most that models may cost: the study's cap, or the participants' caps together where those are lower.
    """

    hours: Decimal
    pay: Decimal | None
    currency: str
    per_hour: Decimal | None
    least_per_hour: Decimal | None
    model_usd: Decimal


def wanted_people(design: StudyDesign) -> int | None:
    """Return how many participants the file asks for: under `planning`, or the most of its censuses."""
    if design.planning:
        return design.planning.participants
    return max((census.participants for census in design.census), default=None)


def plan_of(
    design: StudyDesign,
    *,
    people: int,
    judgements: int | None = None,
    contexts: int | None = None,
    cards: int | None = None,
) -> Plan:
    """Return what so many people would settle; what is not given comes from the file."""
    expected = design.planning.cards_per_context if design.planning else USUAL_CARDS
    return plan(
        people=people,
        contexts=max(contexts or len(design.contexts), 1),
        judgements_each=judgements or design.judgements.count,
        cards=cards or expected,
    )


def budget_of(design: StudyDesign, *, people: int) -> Budget:
    """Return what so many people take and cost."""
    caps = [design.spend_cap_usd]
    if design.spend_caps.participant_usd is not None:
        caps.append(design.spend_caps.participant_usd * people)
    pay = design.pay
    return Budget(
        hours=(Decimal(people) * design.minutes / 60).quantize(CENTS),
        pay=pay.amount * people if pay else None,
        currency=pay.currency if pay else "",
        per_hour=(pay.amount * 60 / design.minutes).quantize(CENTS) if pay else None,
        least_per_hour=pay.least_per_hour if pay else None,
        model_usd=min(caps),
    )


def check_plan(study: Study) -> Iterator[Point]:
    """Yield whether most contexts of the study will be decided, for the list of points before it opens."""
    design = study.current_version.design
    if not any(step.kind == "judgements" for step in design.steps):
        return
    people = wanted_people(design)
    if people is None:
        to_do = _(
            "Say under “planning” in the file how many “participants” you want. Then we can say what will be decided."
        )
        yield Point(_("The number of participants you want"), False, to_do)
        return
    found = plan_of(design, people=people)
    yield Point(_("Enough judgements to decide most situations"), not found.ends_undecided, _what_it_takes(found))


def _what_it_takes(found: Plan) -> str:
    """Return what will be left undecided, and with how many people it would not be."""
    known = {
        "people": found.people,
        "each": found.judgements_each,
        "contexts": found.contexts,
        "share": round(100 * found.outcome.settled),
        "narrowed": round(100 * found.outcome.narrowed),
        "needed": found.people_to_decide,
    }
    will = _(
        "This study will mostly end undecided. Planned are %(people)s people; judgements each: %(each)s; situations:"
        " %(contexts)s. In about %(narrowed)s %% of the situations at most three cards will be left for the wisest, in"
        " %(share)s %% only one."
    )
    takes = _("Half of the situations would be decided with about %(needed)s people.") if found.people_to_decide else ""
    instead = _("Ask for more judgements, more people, or fewer situations.")
    return " ".join(sentence % known for sentence in (will, takes, instead) if sentence)
