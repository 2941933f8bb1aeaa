"""A small study whose people agreed to publication: two authors, and people who compared their cards."""

from dataclasses import dataclass

from elicit.models import Participant, Study
from elicit.studies import load_study, open_study
from moralgraph.deduplication import join_canonical
from moralgraph.models import CanonicalValuesCard, Context, Judgement, Report
from moralgraph.reports import draft_newest_report, publish_report
from tests.make import NOW, make_confirmed_card, make_consenting_participant, make_member, study_text

CONSENT = "    - {key: publish, text: My card and my answers may be published., purpose: publish}\n"
SURVEY = "survey: {instrument: prism, parts: [about_you]}\nclosing: {instrument: closing}\n"
LINES = {"Deep": ["Pauses in which somebody gathers courage"], "Plain": ["Words that everybody understands"]}


@dataclass(frozen=True)
class Judged:
    """The study, the authors of the two cards and the cards that stand for them."""

    study: Study
    plain: Participant
    deep: Participant
    cards: dict[str, CanonicalValuesCard]


def publishable_study(*, slug: str = "published", more: str = "") -> Study:
    """Load and open a study that asks whether answers may be published."""
    steps = "consent, interview, values_card, survey, closing"
    text = study_text(slug=slug, steps=steps, more=SURVEY + more).replace("  details:", f"{CONSENT}  details:")
    return open_study(load_study(text, now=NOW))


def agreeing(study: Study) -> Participant:
    """Add somebody who agreed to everything."""
    return make_consenting_participant(study, explore=True, publish=True, train=True)


def judged_study(*, slug: str = "published", wiser: int = 12, of: int = 15) -> Judged:
    """Let two people write a card, and `of` others compare them; `wiser` of those find Deep wiser than Plain."""
    study = publishable_study(slug=slug)
    authors = {title: agreeing(study) for title in LINES}
    for title, author in authors.items():
        join_canonical(make_confirmed_card(author, title=title, policies=LINES[title], description=f"I am {title}."))
    cards = {card.title: card for card in CanonicalValuesCard.objects.filter(study=study)}
    judge(study, cards["Plain"], cards["Deep"], wiser=wiser, of=of)
    return Judged(study, authors["Plain"], authors["Deep"], cards)


def judge(study: Study, first: CanonicalValuesCard, second: CanonicalValuesCard, *, wiser: int, of: int) -> None:
    """Let `of` people who agreed to everything compare two cards."""
    context = Context.objects.get(study=study, key="tired")
    for number in range(of):
        Judgement.objects.create(
            study=study, participant=agreeing(study), context=context, first=first, second=second,
            lower=min(first.pk, second.pk), upper=max(first.pk, second.pk), number=1,
            answer="wiser" if number < wiser else "about_equal", answered_at=NOW,
        )  # fmt: skip


def published(judged: Judged) -> Report:
    """Draft and publish a report of the study."""
    organizer = make_member(study=judged.study)
    return publish_report(draft_newest_report(judged.study, now=NOW), by=organizer, now=NOW)
