"""Gather the small tables of a report: who took part, how the process was felt, what authors said of an earlier report.

Rule: whoever is counted by an answer granted the purpose, was not left out and has not withdrawn, and the count goes
through the privacy floor. How many came, finished, left or were left out, and how many
judgements are not counted because of their words, says nothing of anybody's answers.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from elicit.consent import granting
from elicit.models import Origin, Participant, Study, SurveyAnswer
from elicit.results.asked import asked_items
from elicit.results.floor import Counts, Floor
from elicit.results.groups import Grouping, groupings_of
from elicit.results.who_counts import who_counts
from moralgraph.consented import judgements_without_words
from moralgraph.models import CanonicalValuesCard, CardVerification, PlaceVerification, Report
from moralgraph.verification import verifications_of

CLOSING = {
    "meaningful": "closing_meaningful",
    "clearer": "closing_clearer",
    "represented": "closing_card_fits",
    "trust": "closing_trust",
    "respect": "closing_respected",
}
COMMENT = "closing_comment"
YES = frozenset({"4", "5"})  # of five points: how the first study of this kind counted its shares
NULL = SurveyAnswer.NullReason


def report_tables(
    study: Study, *, origins: Sequence[str], purpose: str = "publish", page: str = "report"
) -> dict[str, Any]:
    """Return the tables for a graph of these origins; `page` names the view whose numbers move by ten people or not.

    Its people are of one origin (`origin_of`), its judgements of all.
    """
    origin = origin_of(origins)
    without_words = judgements_without_words(study, purpose=purpose, origins=origins)
    granted = granting(purpose, study=study)
    people = who_counts(study, origin).filter(pk__in=granted.values("pk"))
    with Floor(study, page, origin=origin) as floor:
        return {
            "people": _people(study, origin, granted=granted),
            "judgements": {"without_words": without_words.count()},
            "attributes": [_attribute(one, people, floor) for one in groupings_of(study, language="en")],
            "closing": _closing(study, people, floor),
            "came_back": _came_back(study, people, floor),
        }


def written_by(study: Study, cards: Collection[str]) -> dict[str, int]:
    """Count values by who put them in words: people who took part, the study team, or somebody elsewhere."""
    found = CanonicalValuesCard.objects.of_study(study).filter(content_id__in=cards).order_by()
    origins = Counter(found.values_list("origin", flat=True))
    team, elsewhere = origins.pop(Origin.SEED, 0), origins.pop(Origin.IMPORTED, 0)
    return {"participants": origins.total(), "team": team, "elsewhere": elsewhere}


def origin_of(origins: Sequence[str]) -> str:
    """Return the origin whose people a report counts: people where there are any, else what went in."""
    return Origin.PERSON.value if Origin.PERSON in origins or not origins else origins[0]


def _people(study: Study, origin: str, *, granted: QuerySet[Participant]) -> dict[str, int]:
    came = Q(began_at__isnull=False) | Q(withdrawn_at__isnull=False) | Q(consent_grants__isnull=False)
    stays = Q(withdrawn_at=None)
    agreed = stays & Q(excluded_at=None, consent_grants__granted=True)
    found = Participant.objects.of_study(study).filter(origin=origin).order_by()
    return found.aggregate(
        began=Count("pk", filter=came, distinct=True),
        finished=Count("pk", filter=stays & Q(finished_at__isnull=False), distinct=True),
        did_not_agree=Count("pk", filter=stays & Q(ended=Participant.Ending.NO_CONSENT), distinct=True),
        withdrew=Count("pk", filter=Q(withdrawn_at__isnull=False), distinct=True),
        left_out=Count("pk", filter=stays & Q(excluded_at__isnull=False), distinct=True),
        kept_from_publication=Count("pk", filter=agreed & ~Q(pk__in=granted.values("pk")), distinct=True),
    )


def _attribute(grouping: Grouping, people: QuerySet[Participant], floor: Floor) -> dict[str, Any]:
    given = SurveyAnswer.objects.filter(participant__in=people, item=grouping.item, null_reason="").order_by()
    counts = Counter(str(value) for value in given.values_list("value", flat=True))
    offered = list(counts) if grouping.is_country else [*grouping.labels, *counts]
    cells = grouping.in_order(list(dict.fromkeys(offered)))
    shown = floor.counts(f"attribute:{grouping.item}", {cell: counts[cell] for cell in cells}) if cells else None
    return {
        "item": grouping.item,
        "answered": shown.total if shown else None,
        "cells": [{"value": cell, "count": count} for cell, count in shown.cells.items()] if shown else [],
    }


def _closing(study: Study, people: QuerySet[Participant], floor: Floor) -> dict[str, Any]:
    asked = {item.name for _instrument, item in asked_items(study)}
    answers = _answers(people, items=[*CLOSING.values(), COMMENT])
    reached = {person for rows in answers.values() for person, _value, _reason in rows}
    questions = [
        _agreed(key, item, answers.get(item, ()), floor) for key, item in CLOSING.items() if item in asked
    ]  # fmt: skip
    if COMMENT in asked:
        wrote = sum(not reason for _person, _value, reason in answers.get(COMMENT, ()))
        counts = floor.counts("closing:wrong", {"yes": wrote, "no": len(reached) - wrote})
        questions.append({"key": "wrong", "item": COMMENT, **_yes_of(counts)})
    return {"asked": floor.counts("closing:asked", {"asked": len(reached)}).total, "questions": questions}


def _answers(people: QuerySet[Participant], *, items: Sequence[str]) -> Mapping[str, list[tuple[int, Any, str]]]:
    found: dict[str, list[tuple[int, Any, str]]] = {}
    rows = SurveyAnswer.objects.filter(participant__in=people, item__in=items).exclude(null_reason=NULL.NOT_SHOWN)
    for item, person, value, reason in rows.order_by().values_list("item", "participant_id", "value", "null_reason"):
        found.setdefault(item, []).append((person, value, reason))
    return found


def _agreed(key: str, item: str, answers: Iterable[tuple[int, Any, str]], floor: Floor) -> dict[str, Any]:
    given = [str(value) for _person, value, reason in answers if not reason]
    yes = sum(value in YES for value in given)
    return {"key": key, "item": item, **_yes_of(floor.counts(f"closing:{key}", {"yes": yes, "no": len(given) - yes}))}


def _yes_of(counts: Counts) -> dict[str, int | None]:
    return {"yes": counts.cells["yes"], "answered": counts.total}


def _came_back(study: Study, people: QuerySet[Participant], floor: Floor) -> dict[str, Any]:
    """Count what authors answered about their card and its place; nobody was asked before a report was published."""
    if not Report.objects.of_study(study).filter(published_at__isnull=False).exists():
        return {"asked": None, "questions": []}
    asked = people.filter(values_cards__membership__isnull=False).distinct()
    yours = verifications_of(study).filter(card__participant__in=people)
    places = PlaceVerification.objects.of_study(study).filter(card__participant__in=people)
    return {
        "asked": floor.counts("came_back:asked", {"asked": asked.count()}).total,
        "questions": [
            _answered("yours", CardVerification.Answer.values, yours, floor),
            _answered("fair_place", PlaceVerification.Answer.values, places, floor),
        ],
    }


def _answered(key: str, offered: Sequence[str], given: QuerySet[Any], floor: Floor) -> dict[str, Any]:
    """Count each person's newest answer; the first of those offered is the yes."""
    rows = given.order_by("answered_at", "pk").values_list("card__participant", "answer")
    counts = Counter(dict(rows).values())
    shown = floor.counts(f"came_back:{key}", {answer: counts[answer] for answer in offered})
    return {"key": key, "yes": shown.cells[offered[0]], "answered": shown.total, "counts": dict(shown.cells)}
