"""How many people rated answers to each shared prompt, beside how many it should reach."""

from dataclasses import dataclass

from django.db.models import Count

from elicit.models import Conversation, Exchange, Study
from elicit.results.who_counts import who_counts


@dataclass(frozen=True)
class Reach:
    """One shared prompt: its words, how many people rated answers to it, and how many are wanted."""

    text: str
    people: int
    wanted: int


def reach_of_anchors(study: Study, origin: str, *, language: str) -> list[Reach]:
    """Return how far each shared prompt of the present design has come, in the order of the study file."""
    conversation = study.current_version.design.conversation
    anchors = conversation.anchors if conversation else None
    if anchors is None:
        return []
    rows = (
        Conversation.objects.filter(
            participant__in=who_counts(study, origin), exchanges__number=1, exchanges__state=Exchange.State.RATED
        )
        .exclude(anchor="")
        .order_by()
        .values_list("anchor")
        .annotate(people=Count("participant", distinct=True))
    )
    people = dict(rows)
    return [Reach(one.text.for_language(language), people.get(one.key, 0), anchors.raters) for one in anchors.prompts]
