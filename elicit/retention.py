"""Erase what people lent for a time: some words when a study closes, everything personal on its retention date.

Rule: what consent promised is done in the transaction that closes the study, for everybody who did not grant
`keep_transcript`. Their words in interviews and conversations go, also where a model or a draft repeats them; ratings,
numbers, times and the card that its author confirmed stay. A study that asks nobody to keep words keeps them until the
retention date. On that date whatever leads back to a person goes; confirmed cards and judgements that were granted
stay, and nobody can say any more whose they are.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from elicit.consent import granting, versions_that_ask
from elicit.endings import end_unfinished
from elicit.forgetting import unname_calls
from elicit.models import (
    Conversation,
    ConversationFeedback,
    EntryLink,
    Exchange,
    Interview,
    Message,
    PanelIdentity,
    Participant,
    ReleaseRecord,
    StepProgress,
    Study,
    StudyLink,
    SurveyAnswer,
    Turn,
    Utterance,
    ValuesCard,
)
from elicit.participants import tombstone_code

PURPOSE = "keep_transcript"
LASTING_PURPOSES = ("explore", "publish", "train")  # what was granted for one of these outlives the retention date

ExpiryVerb = Callable[[QuerySet[Participant], Study], None]

_EXPIRY_VERBS: dict[str, ExpiryVerb] = {}


def on_expiry(verb: ExpiryVerb) -> None:
    """Let another app erase its rows of people whose retention date has come, in the same transaction."""
    _EXPIRY_VERBS[f"{verb.__module__}.{verb.__qualname__}"] = verb


def asks_to_keep_words(study: Study) -> bool:
    """Say whether some version of the study asks people whether their words may be kept."""
    return bool(versions_that_ask(study, purpose=PURPOSE))


@transaction.atomic
def erase_ungranted_words(study: Study) -> int:
    """Erase the words of everybody who was asked to leave them here and did not; return how many people that were.

    Every participant is locked first, so that no answer can come in behind the erasing. Twice is as good as once.
    """
    lock_everybody(study)
    people = without_grant(study)
    erase_words(people)
    return people.count()


def erase_words_taken_back(participant: Participant, purpose: str, is_granted: bool, now: datetime) -> None:
    """Erase the words of somebody who takes them back after the study has closed; before that, closing does it."""
    if purpose == PURPOSE and not is_granted and participant.study.state == Study.State.CLOSED:
        erase_words(Participant.objects.filter(pk=participant.pk))


def without_grant(study: Study) -> QuerySet[Participant]:
    """Return the participants who were asked whether their words may be kept, and did not grant it."""
    asking = versions_that_ask(study, purpose=PURPOSE)
    keys = {item.key for version in asking for item in version.design.consent.items if item.purpose == PURPOSE}
    asked = Q(version__in=asking) | Q(consent_grants__item__in=keys)
    people = Participant.objects.filter(asked, study=study, withdrawn_at=None).distinct()
    return people.exclude(pk__in=granting(PURPOSE, study=study).values("pk"))


def retention_date(study: Study) -> date | None:
    """Return the earliest date that anybody in the study was told, or that it tells people now."""
    versions = [study.current_version, *study.versions.filter(participants__withdrawn_at=None).distinct()]
    dates = [version.design.retention.until for version in versions if version.design.retention]
    return min(dates, default=None)


def erase_expired(now: datetime) -> list[str]:
    """Erase everything personal in each study whose retention date has passed; return the studies' names."""
    waiting = Study.objects.filter(erased_at=None)
    erased = []
    for study in waiting:
        until = retention_date(study)
        if until is not None and until <= now.date() and erase_study(study, now=now):
            erased.append(study.slug)
    return erased


@transaction.atomic
def erase_study(study: Study, *, now: datetime) -> bool:
    """Close a study for good and erase what leads back to its people; False if that was done before."""
    lock_everybody(study)
    row = Study.objects.select_for_update().get(pk=study.pk)
    if row.erased_at is not None:
        return False
    end_unfinished(row)
    row.state, row.erased_at = Study.State.CLOSED, now
    row.save(update_fields=["state", "erased_at"])
    people = Participant.objects.filter(study=row, withdrawn_at=None)
    for verb in reversed(list(_EXPIRY_VERBS.values())):
        verb(people, row)
    _erase_people(people, study=row)
    StudyLink.objects.filter(study=row, revoked_at=None).update(revoked_at=now)
    return True


def granted_something(people: QuerySet[Participant], *, study: Study) -> QuerySet[Participant]:
    """Return those of the people whose card and judgements may stay: they granted a purpose that outlasts them."""
    agreed = Q(pk__in=[])
    for purpose in LASTING_PURPOSES:
        agreed |= Q(pk__in=granting(purpose, study=study).values("pk"))
    return people.filter(agreed)


def erase_words(people: QuerySet[Participant]) -> None:
    """Erase what people wrote in interviews and conversations, and what repeats it."""
    _erase_interviews(people)
    _erase_conversations(people)


def lock_everybody(study: Study) -> None:
    """Lock the row of every participant until the transaction ends."""
    list(Participant.objects.select_for_update().filter(study=study).order_by("pk").values_list("pk", flat=True))


def _erase_interviews(people: QuerySet[Participant]) -> None:
    """Delete messages, turns and drafts with all that hangs on them, and take the quotes off the cards that stay."""
    interviews = Interview.objects.filter(participant__in=people)
    turns = Turn.objects.filter(interview__in=interviews)
    turns.update(state=Turn.State.SET_ASIDE, job=None)  # no worker adds a word while the rows go
    turns.delete()
    Message.objects.filter(interview__in=interviews).delete()
    cards = ValuesCard.objects.filter(participant__in=people)
    cards.filter(~Q(state=ValuesCard.State.CONFIRMED)).delete()
    cards.update(evidence=[], fit_reason="")


def _erase_conversations(people: QuerySet[Participant]) -> None:
    """Blank prompts, answers and reasons. An answer that is still being written is no longer waited for."""
    conversations = Conversation.objects.filter(participant__in=people)
    exchanges = Exchange.objects.filter(conversation__in=conversations)
    exchanges.filter(state=Exchange.State.ANSWERING).update(state=Exchange.State.FAILED)
    Utterance.objects.filter(exchange__in=exchanges).update(text="", failure="")
    exchanges.update(prompt="", all_bad_reason="")
    ConversationFeedback.objects.filter(conversation__in=conversations).update(open_text="")


def _erase_people(people: QuerySet[Participant], *, study: Study) -> None:
    """Erase the words and answers of people, and what could still tell who they are."""
    erase_words(people)
    SurveyAnswer.objects.filter(participant__in=people).delete()
    staying = granted_something(people, study=study).values("pk")
    ValuesCard.objects.filter(participant__in=people).exclude(participant__in=staying).delete()
    Interview.objects.filter(participant__in=people, values_card__isnull=True).delete()
    for model in (EntryLink, PanelIdentity, StepProgress, ReleaseRecord):
        model._default_manager.filter(participant__in=people).delete()
    for participant in people:
        _unname(participant)


def _unname(participant: Participant) -> None:
    """Leave a row that only holds answers together: another code, and no time or sentence about the person."""
    unname_calls(participant)
    Participant.objects.filter(pk=participant.pk).update(
        code=tombstone_code(participant.code), seed=0, last_seen_at=None, excluded_because="", excluded_by=None
    )
