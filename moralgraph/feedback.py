"""What participants get back once a report is public, and what they say about it.

Rule: this is the one place where a participant writes in a study that is no longer open; it is still refused to whoever
has withdrawn or did not agree to take part, and where no report stands. Nobody learns who is behind another card.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from elicit.afterwards import Afterwards
from elicit.errors import AlreadyWithdrawn, Conflict, StudyNotOpen
from elicit.models import Origin, Participant, Study, ValuesCard
from elicit.participants import NotTakingPart
from moralgraph.merging import standing_card
from moralgraph.models import Appeal, CanonicalValuesCard, CardMembership, CardVerification, PlaceVerification, Report
from moralgraph.report_pages import ReportPage
from moralgraph.verification import verify_card
from moralgraph.withholding import withheld_cards

LONGEST_WHY = 2000
LONGEST_APPEAL = 4000
MOST_OPEN_APPEALS = 5  # nobody needs more at once, and a script should not fill the organizers' page
MOST_NEIGHBOURS = 3  # a context: those that most people compared

NO_CONSENT = Participant.Ending.NO_CONSENT
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a canonical card stands in one context, in sentences."""

    context: str
    standing: str
    neighbours: tuple[str, ...]


@dataclass(frozen=True)
class OwnCard:
    """One of somebody's cards: what stands for it, for how many others as well, where, and what they said of that.

    `number` is its place among the person's own cards, by which pages name it. `canonical` is None where the card is
    in no graph.
    """

    number: int
    card: ValuesCard
    canonical: CanonicalValuesCard | None
    others: int
    has_same_words: bool
    places: tuple[Place, ...]
    verification: CardVerification | None
    fairness: PlaceVerification | None

    @property
    def is_by_team(self) -> bool:
        """Say whether the card that stands for it is one that the study team wrote."""
        return self.canonical is not None and self.canonical.origin == Origin.SEED


@transaction.atomic
def verify_own_card(participant: Participant, number: int, *, answer: str, why: str = "", now: datetime) -> None:
    """Keep the answer to "is this canonical card yours?".

    Raises
    ------
    AlreadyWithdrawn, NotTakingPart, StudyNotOpen, Conflict
    """
    row, _report = take_for_feedback(participant)
    verify_card(row, _card(row, number), answer, why=_tidy(why, longest=LONGEST_WHY), now=now)


@transaction.atomic
def verify_place(
    participant: Participant, number: int, *, answer: str, why: str = "", now: datetime
) -> PlaceVerification:
    """Keep the answer to "is this place fair?" about the report that stands. The newest answer holds.

    Raises
    ------
    AlreadyWithdrawn, NotTakingPart, StudyNotOpen, Conflict
    """
    row, report = take_for_feedback(participant)
    card = _card(row, number)
    membership = CardMembership.objects.filter(card=card).select_related("canonical").first()
    if membership is None:
        raise Conflict(_("This card is not among your cards that others may see."))
    if answer not in PlaceVerification.Answer.values:
        raise Conflict(_("Please choose one of the three answers."))
    given = {
        "canonical": standing_card(membership.canonical),
        "answer": answer,
        "why": _tidy(why, longest=LONGEST_WHY),
    }
    known = PlaceVerification.objects.filter(report=report, card=card, **given).first()
    if known is not None:
        return known
    kept, _is_new = PlaceVerification.objects.update_or_create(
        report=report, card=card, defaults={**given, "answered_at": now}
    )
    return kept


@transaction.atomic
def appeal(participant: Participant, *, words: str, number: int | None = None, now: datetime) -> Appeal:
    """Ask the organizers to look at something again. The same words sent twice are one appeal.

    Raises
    ------
    AlreadyWithdrawn, NotTakingPart, StudyNotOpen
    Conflict
        When there are no words, or many appeals are still open.
    """
    row, report = take_for_feedback(participant)
    said = _tidy(words, longest=LONGEST_APPEAL)
    if not said:
        raise Conflict(_("Please write what the organizers should look at."))
    mine = Appeal.objects.filter(participant=row, report__study=row.study_id)
    known = mine.filter(report=report, words=said).first()
    if known is not None:
        return known
    if mine.filter(state=Appeal.State.OPEN).count() >= MOST_OPEN_APPEALS:
        raise Conflict(_("The organizers have not answered your earlier questions yet. Please wait for them."))
    card = _card(row, number) if number is not None else None
    return Appeal.objects.create(report=report, participant=row, card=card, words=said, made_at=now)


@transaction.atomic
def erase_expired_feedback(people: QuerySet[Participant], study: Study) -> None:
    """Erase on the retention date what people wrote about their card and its place, and their appeals."""
    CardVerification.objects.filter(card__participant__in=people).update(why="")
    PlaceVerification.objects.filter(card__participant__in=people).update(why="")
    Appeal.objects.filter(participant__in=people).delete()


def take_for_feedback(participant: Participant) -> tuple[Participant, Report]:
    """Return the participant's row, locked until the transaction ends, and the report that they may speak about.

    Raises
    ------
    AlreadyWithdrawn, NotTakingPart
    StudyNotOpen
        When no report of the study stands, or everything personal has been erased.
    """
    row = Participant.objects.select_for_update().select_related("study").get(pk=participant.pk)
    if row.withdrawn_at is not None:
        raise AlreadyWithdrawn("You have withdrawn, so nothing more is recorded.")
    if row.ended == NO_CONSENT:
        raise NotTakingPart("You said that you do not want to take part, so nothing is recorded.")
    report = standing_report(row)
    if report is None or row.study.erased_at is not None:
        raise StudyNotOpen("There is no published report that you could say something about now.")
    return row, report


def standing_report(participant: Participant) -> Report | None:
    """Return the newest report of the participant's study that is public and stands."""
    found = Report.objects.of_study(participant.study).public().select_related("study", "snapshot")
    return found.order_by("-number").first()


def own_cards(participant: Participant, report: Report) -> list[OwnCard]:
    """Return the participant's confirmed cards with what stands for each and where it stands in a report."""
    page = ReportPage(report, language=participant.language)
    withheld = set(withheld_cards(participant.study).values_list("pk", flat=True))
    return [
        _own_card(number, card, page=page, report=report, withheld=withheld)
        for number, card in enumerate(_confirmed(participant), start=1)
    ]


def appeals_of(participant: Participant) -> list[Appeal]:
    """Return what the participant asked the organizers, with their answers, the newest first."""
    return list(Appeal.objects.filter(participant=participant).order_by("-made_at", "-pk"))


def own_feedback(participant: Participant) -> list[dict[str, Any]]:
    """Return what somebody said about a report, for them to take home."""
    cards = CardVerification.objects.filter(card__participant=participant).select_related("canonical")
    places = PlaceVerification.objects.filter(card__participant=participant).select_related("canonical")
    return [
        *(_said(_("Is this card yours?"), one, one.canonical.title) for one in cards),
        *(_said(_("Is this place fair?"), one, one.canonical.title) for one in places),
        *(
            {
                "asked": _("What you asked the organizers"), "about": "", "answer": one.words, "why": "",
                "at": one.made_at, "reply": one.answer, "replied_at": one.answered_at,
            }
            for one in appeals_of(participant)
        ),
    ]  # fmt: skip


def answers_in_words(study: Study, user: Any, *, most: int = 100) -> list[CardVerification | PlaceVerification]:
    """Return what authors wrote about their card and its place, the newest first, to those who may read words."""
    found = [
        *CardVerification.objects.visible_to(user).of_study(study).exclude(why="").select_related("canonical"),
        *PlaceVerification.objects.visible_to(user).of_study(study).exclude(why="").select_related("canonical"),
    ]
    return sorted(found, key=lambda one: one.answered_at, reverse=True)[:most]


def result_link(participant: Participant) -> Afterwards | None:
    """Return what the participant's pages say once a report is public, or once they have asked something about one."""
    if standing_report(participant) is not None:
        words = _("The results of this study are published. See where your card stands, and say whether that is right.")
    elif Appeal.objects.filter(participant=participant).exists():
        words = _("The report was taken back. What you asked the study team, and their answer, is still here.")
    else:
        return None
    return Afterwards(
        words=words,
        label=_("What came of it"),
        url=reverse("feedback:result", args=[participant.study.slug]),
    )


def _said(asked: str, one: CardVerification | PlaceVerification, about: str) -> dict[str, Any]:
    return {
        "asked": asked, "about": about, "answer": one.get_answer_display(), "why": one.why, "at": one.answered_at,
        "reply": "", "replied_at": None,
    }  # fmt: skip


def _confirmed(participant: Participant) -> list[ValuesCard]:
    return list(ValuesCard.objects.filter(participant=participant).confirmed().order_by("confirmed_at", "pk"))


def _card(participant: Participant, number: int) -> ValuesCard:
    """Return one of the participant's own cards by its place among them."""
    cards = _confirmed(participant)
    if not 1 <= number <= len(cards):
        raise Conflict(_("You have no card of this number."))
    return cards[number - 1]


def _own_card(number: int, card: ValuesCard, *, page: ReportPage, report: Report, withheld: set[int]) -> OwnCard:
    membership = CardMembership.objects.filter(card=card).select_related("canonical__merged_into").first()
    canonical = standing_card(membership.canonical) if membership else None
    if canonical is not None and (canonical.pk in withheld or not canonical.policies):
        canonical = None
    others = 0
    if canonical is not None:
        others = CardMembership.objects.filter(canonical=canonical).exclude(card__participant=card.participant).count()
    return OwnCard(
        number=number,
        card=card,
        canonical=canonical,
        others=others,
        has_same_words=canonical is not None and _same_words(card, canonical),
        places=tuple(_places(canonical.content_id, page)) if canonical else (),
        verification=CardVerification.objects.filter(card=card, canonical=membership.canonical).first()
        if membership
        else None,
        fairness=PlaceVerification.objects.filter(report=report, card=card).first(),
    )


def _same_words(card: ValuesCard, canonical: CanonicalValuesCard) -> bool:
    return (card.title, card.policies) == (canonical.title, canonical.policies)


def _places(card: str, page: ReportPage) -> Iterator[Place]:
    """Yield where a card stands in each context in which people compared it."""
    for found in page.content["contexts"]:
        row = next((each for each in found["cards"] if each["card"] == card), None)
        neighbours = tuple(_neighbours(card, found, page))
        if row is not None or neighbours:
            text = page.context_texts.get(found["key"], found["key"])
            yield Place(text, _standing(row, found), neighbours)


def _standing(row: Record | None, found: Record) -> str:
    if row is None:
        return _("People compared it too seldom here to say where it stands.")
    if found["standing"] == "not_enough_evidence":
        return _("There is not enough evidence here to say which value is the wisest.")
    if row["is_wisest"] and len(found["wisest"]) == 1:
        return _("It is the one value that stands out as the wisest here.")
    if row["is_wisest"]:
        return _("It is among the values that may be the wisest here.")
    last = len(found["cards"])
    if row["low"] is None:
        return _("Its place is %(place)s of %(last)s.") % {"place": row["position"], "last": last}
    return _("Its place is %(place)s of %(last)s, and it may lie anywhere from %(low)s to %(high)s.") % {
        "place": row["position"], "last": last, "low": row["low"], "high": row["high"],
    }  # fmt: skip


def _neighbours(card: str, found: Record, page: ReportPage) -> Iterator[str]:
    """Say of each value next to the card how many people found which of the two wiser."""
    near = [row for row in found["upgrades"] if card in (row["first"], row["second"])]
    for row in near[:MOST_NEIGHBOURS]:
        counts = {"wiser": row["wiser"], "compared": row["compared"]}
        if row["first"] == card:
            sentence = ngettext(
                "%(wiser)s of the %(compared)s person who compared found “%(other)s” wiser than yours.",
                "%(wiser)s of the %(compared)s people who compared found “%(other)s” wiser than yours.",
                row["compared"],
            )
            yield sentence % {**counts, "other": page.named(row["second"])} + _by_team(row["second"], page)
        else:
            sentence = ngettext(
                "%(wiser)s of the %(compared)s person who compared found yours wiser than “%(other)s”.",
                "%(wiser)s of the %(compared)s people who compared found yours wiser than “%(other)s”.",
                row["compared"],
            )
            yield sentence % {**counts, "other": page.named(row["first"])} + _by_team(row["first"], page)


def _by_team(card: str, page: ReportPage) -> str:
    """Say that a neighbour is in the study team's words, where it is."""
    if not page.is_by_team(card):
        return ""
    return " " + _("“%(other)s” was written by the study team.") % {"other": page.named(card)}


def _tidy(words: str, *, longest: int) -> str:
    return words.replace("\r\n", "\n").strip()[:longest]
