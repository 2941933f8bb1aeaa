"""`manage.py plan_study FILE_OR_SLUG`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elicit.errors import WellspringError
from elicit.studies import study_named
from elicit.study_files import StudyDesign, StudyFileError, load_study_file
from moralgraph.algorithms.planning import ERROR, OUTCOMES, Plan
from moralgraph.planning import Budget, budget_of, plan_of, wanted_people


class Command(BaseCommand):
    """Say what a study will settle, take and cost."""

    help = "Say beforehand what a study will settle, take and cost. Writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the study, and what to try instead of what its file says."""
        parser.add_argument("study", help="The study's file, or its name (slug).")
        parser.add_argument("--people", type=int, help="Participants who judge to the end.")
        parser.add_argument("--judgements", type=int, help="Judgements of each person.")
        parser.add_argument("--contexts", type=int, help="Situations to judge in.")
        parser.add_argument("--cards", type=int, help="Cards in each situation.")

    def handle(self, *args: Any, study: str, people: int | None, **options: Any) -> None:
        """Print the plan."""
        design = _design(study)
        people = wanted_people(design) if people is None else people
        if people is None:
            raise CommandError("Say how many people: --people N, or “participants” under “planning” in the file.")
        tried = {name: options[name] for name in ("judgements", "contexts", "cards")}
        try:
            found = plan_of(design, people=people, **tried)
        except ValueError as error:
            raise CommandError(str(error)) from error
        for line in (*_outcome(found), *_costs(budget_of(design, people=people), design)):
            self.stdout.write(line)
        if found.ends_undecided:
            self.stdout.write(self.style.WARNING("WARNING: this study will mostly end undecided."))


def _design(study: str) -> StudyDesign:
    try:
        if Path(study).is_file():
            return load_study_file(Path(study))
        return study_named(study).current_version.design
    except (StudyFileError, WellspringError) as error:
        raise CommandError(str(error)) from error


def _outcome(found: Plan) -> list[str]:
    outcome = found.outcome
    takes = f"about {found.people_to_decide:,} people" if found.people_to_decide else "more than was ever simulated"
    source = f"simulated at 95 % confidence, active design; standard error at most {ERROR:.1%}"
    if not found.is_simulated:
        source = f"not simulated: under {OUTCOMES[0].judgements:.0f} judgements a card; extrapolated from a draw by lot"
    return [
        f"{found.people:,} people, {found.judgements_each} judgements each, {found.contexts} contexts of about "
        f"{found.cards} cards: {found.judgements_per_context:.0f} judgements a context.",
        f"  contexts with one wisest card:        {outcome.settled:5.0%} where people see one order, "
        f"{outcome.settled_mixed:.0%} on average over all simulated regimes",
        f"  with at most three left (decided):    {outcome.narrowed:5.0%}",
        f"  with not enough evidence:             {outcome.undecided:5.0%}",
        f"  where the first card is the wisest:   {outcome.is_first:5.0%}",
        f"  ({source})",
        f"  an upgrade that 70 % call wiser, from one side: an interval {found.edge_width:.2f} wide",
        f"  half of the contexts are decided with: {takes}",
    ]


def _costs(budget: Budget, design: StudyDesign) -> list[str]:
    lines = [f"  time: {design.minutes} minutes each, {budget.hours:,} hours in all"]
    if budget.pay is None:
        lines.append("  pay: none")
    else:
        promised = f" ({budget.least_per_hour} promised)" if budget.least_per_hour else ""
        lines.append(f"  pay: {budget.pay:,} {budget.currency} in all, {budget.per_hour} an hour{promised}")
    lines.append(f"  models: at most {budget.model_usd:,} US dollars")
    return lines
