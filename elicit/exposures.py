"""Which models were shown so far in a study, and the draw of those that answer next.

Rule: only what people of the same origin saw counts, so that previews and simulated people move no draw for people.
Models of a winner that goes on are left out: nobody drew them.
"""

from django.db.models import Count, F, QuerySet

from elicit.conversations import FIRST_UNSHOWN_POSITION
from elicit.drawing import Draw, Exposures, draw
from elicit.llm.configuration import group_by_model
from elicit.models import Participant, Utterance
from elicit.openings import design_of

WINNER = "winner"  # the policy of exchanges that nobody drew for


def draw_for(participant: Participant, *, models: list[str], wanted: int, seed: str) -> Draw:
    """Return who answers next, by the policy of the study."""
    policy = design_of(participant).draw
    exposures = exposures_in(participant) if policy == "balanced" else None
    return draw(models, policy, wanted=wanted, seed=seed, exposures=exposures, groups=group_by_model(models))


def exposures_in(participant: Participant) -> Exposures:
    """Count in the database how often each model, and each pair of models, was shown in drawn exchanges."""
    shown = _shown_to_others_like(participant)
    by_model = shown.values("model_name").annotate(times=Count("exchange", distinct=True)).order_by()
    beside = shown.filter(
        exchange__utterances__model_name__gt=F("model_name"),
        exchange__utterances__position__lt=FIRST_UNSHOWN_POSITION,
    )
    pairs = beside.values("model_name", other=F("exchange__utterances__model_name"))
    counted = pairs.annotate(times=Count("exchange", distinct=True)).order_by()
    return Exposures(
        shown={row["model_name"]: row["times"] for row in by_model},
        together={(row["model_name"], row["other"]): row["times"] for row in counted},
    )


def _shown_to_others_like(participant: Participant) -> "QuerySet[Utterance]":
    return Utterance.objects.filter(
        exchange__conversation__participant__study=participant.study_id,
        exchange__conversation__participant__origin=participant.origin,
        position__lt=FIRST_UNSHOWN_POSITION,
    ).exclude(exchange__draw_policy=WINNER)
