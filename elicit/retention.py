"""Erase the words that people lent for the length of a study, when it closes.

Rule: what consent promised is done in the transaction that closes the study, for everybody who did not grant
`keep_transcript`. Their words in interviews and conversations go, also where a model or a draft repeats them; ratings,
numbers, times and the card that its author confirmed stay. A study that asks nobody to keep words keeps them.
"""

from django.db import transaction
from django.db.models import Q, QuerySet

from elicit.consent import granting
from elicit.models import (
    Conversation,
    ConversationFeedback,
    Exchange,
    Interview,
    Message,
    Participant,
    Study,
    Utterance,
    ValuesCard,
)

PURPOSE = "keep_transcript"


def asks_to_keep_words(study: Study) -> bool:
    """Say whether some version of the study asks people whether their words may be kept."""
    return bool(_versions_that_ask(study))


@transaction.atomic
def erase_ungranted_words(study: Study) -> int:
    """Erase the words of everybody who was asked to leave them here and did not; return how many people that were.

    Every participant is locked first, so that no answer can come in behind the erasing. Twice is as good as once.
    """
    list(Participant.objects.select_for_update().filter(study=study).order_by("pk").values_list("pk", flat=True))
    people = without_grant(study)
    _erase_interviews(people)
    _erase_conversations(people)
    return people.count()


def without_grant(study: Study) -> QuerySet[Participant]:
    """Return the participants who were asked whether their words may be kept, and did not grant it."""
    asked = Participant.objects.filter(study=study, version__in=_versions_that_ask(study), withdrawn_at=None)
    return asked.exclude(pk__in=granting(PURPOSE, study=study).values("pk"))


def _versions_that_ask(study: Study) -> list[int]:
    return [
        version.pk
        for version in study.versions.all()
        if any(item.purpose == PURPOSE for item in version.design.consent.items)
    ]


def _erase_interviews(people: QuerySet[Participant]) -> None:
    """Delete the messages and the drafts made of them, and take the quotes off the cards that stay."""
    interviews = Interview.objects.filter(participant__in=people)
    Message.objects.filter(interview__in=interviews).delete()
    cards = ValuesCard.objects.filter(participant__in=people)
    cards.filter(~Q(state=ValuesCard.State.CONFIRMED)).delete()
    cards.update(evidence=[])


def _erase_conversations(people: QuerySet[Participant]) -> None:
    """Blank prompts, answers and reasons. An answer that is still being written is no longer waited for."""
    conversations = Conversation.objects.filter(participant__in=people)
    exchanges = Exchange.objects.filter(conversation__in=conversations)
    exchanges.filter(state=Exchange.State.ANSWERING).update(state=Exchange.State.FAILED)
    Utterance.objects.filter(exchange__in=exchanges).update(text="", failure="")
    exchanges.update(prompt="", all_bad_reason="")
    ConversationFeedback.objects.filter(conversation__in=conversations).update(open_text="")
