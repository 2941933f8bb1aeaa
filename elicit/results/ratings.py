"""Ratings as columns, and which group each person belongs to."""

from elicit.analysis.ratings import Ratings
from elicit.models import Exchange, Study, SurveyAnswer, Utterance
from elicit.results.who_counts import who_counts

GROUPINGS = ("age", "gender", "ethnicity_group", "religion_group", "education", "employment_status", "reside_country")
NOT_SAID = "Prefer not to say"
COLUMNS = (
    "exchange__conversation__participant_id", "exchange_id", "exchange__number", "model_name", "score", "is_chosen",
)  # fmt: skip


def ratings_of(study: Study, origin: str) -> Ratings:
    """Return every rated answer of the people who count. Answers under a person's own instructions are left out.

    The models stand by name, those of the design first in line even when nobody has rated them yet.
    """
    rows = list(
        Utterance.objects.filter(
            exchange__conversation__participant__in=who_counts(study, origin),
            exchange__state=Exchange.State.RATED,
            system=Utterance.System.DEFAULT,
            failure="",
            score__isnull=False,
        )
        .order_by("exchange_id", "position")
        .values_list(*COLUMNS)
    )
    participant, interaction, number, model, score, chosen = zip(*rows, strict=True) if rows else ((),) * 6
    return Ratings.from_columns(
        participant=participant,
        interaction=interaction,
        turn=[one - 1 for one in number],
        model=model,
        score=score,
        chosen=chosen,
    )


def groups_of(study: Study, origin: str, item: str) -> dict[int, str]:
    """Return the answer of each person who counts to one question about themselves; who did not say is left out."""
    rows = SurveyAnswer.objects.filter(
        participant__in=who_counts(study, origin), item=item, value__isnull=False
    ).values_list("participant_id", "value")
    return {person: value for person, value in rows if isinstance(value, str) and value != NOT_SAID}
