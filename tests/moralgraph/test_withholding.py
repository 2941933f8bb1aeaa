"""What others never see: cards that are held or refused, cards of previews and programs, and people left out."""

import pytest

from elicit.exclusions import exclude, include
from elicit.models import Participant
from elicit.releases import hold, refuse_card, release_card
from moralgraph.consented import cards_for, judgements_for
from moralgraph.deduplication import join_canonical
from moralgraph.draws import draw_judgement, readiness
from moralgraph.exporting import export
from moralgraph.models import CanonicalValuesCard, Judgement
from moralgraph.snapshots import build_snapshot
from tests.make import (
    NOW,
    make_canonical_card,
    make_confirmed_card,
    make_consenting_participant,
    make_judgements,
    make_member,
    make_study,
)

pytestmark = pytest.mark.django_db
STEPS = "consent, interview, values_card, judgements"
SEED = """\
seed_cards:
  - {key: near, title: Near, description: I am near., policies: [Signs of one, Signs of two, Signs of three]}
"""


def share(study, **fields):
    """Let somebody who agrees confirm a card, and show it to the others if it may be shown."""
    author = fields.pop("author", None) or make_consenting_participant(study, explore=True)
    card = make_confirmed_card(author, question=study.questions.first(), **fields)
    join_canonical(card)
    return card


def may_judge(study):
    return readiness(make_consenting_participant(study)).state == "open"


@pytest.mark.parametrize("release", ["held", "refused"])
def test_a_card_that_is_held_or_refused_joins_nothing(release):
    share(make_study(), release=release)
    assert not CanonicalValuesCard.objects.exists()


def test_a_held_card_joins_the_others_when_it_is_released():
    author = make_consenting_participant(make_study(), explore=True)
    card = make_confirmed_card(author, release="held")
    release_card(card, by=make_member(), now=NOW)
    assert CanonicalValuesCard.objects.get().worded_by == author


def test_a_card_that_was_shared_and_is_held_later_is_drawn_for_nobody():
    study = make_study(steps=STEPS, more=SEED)
    card = share(study)
    assert may_judge(study)
    hold(card, flag="model_harm")
    assert not may_judge(study)
    release_card(card, by=make_member(), now=NOW)
    assert may_judge(study)


def test_an_unanswered_draw_about_a_card_that_is_taken_back_is_undone():
    study = make_study(steps=STEPS, more=SEED)
    card, reader = share(study), make_consenting_participant(study)
    draw_judgement(reader, now=NOW)
    refuse_card(card, by=make_member(), now=NOW)
    assert not Judgement.objects.exists()
    assert draw_judgement(reader, now=NOW) is None


def test_a_refused_card_is_added_up_for_nothing():
    study = make_study()
    card = share(study)
    assert cards_for(study, purpose="explore", origins=["person"]).count() == 1
    refuse_card(card, by=make_member(), now=NOW)
    assert not cards_for(study, purpose="explore", origins=["person"]).exists()


@pytest.mark.parametrize("origin", ["preview", "simulated"])
def test_people_never_judge_a_previews_or_a_programs_card(origin):
    study = make_study(steps=STEPS, more=SEED)
    author = make_consenting_participant(study, explore=True)
    Participant.objects.filter(pk=author.pk).update(origin=origin)
    share(study, author=Participant.objects.get(pk=author.pk))
    assert CanonicalValuesCard.objects.filter(origin=origin).exists()
    assert not may_judge(study)


def test_the_judgements_of_somebody_left_out_are_not_added_up():
    study = make_study()
    judged = make_judgements(study, wiser=2, of=2)[0].participant
    exclude(judged, because="Copied text", by=None, now=NOW)
    assert judgements_for(study, purpose="explore", origins=["person"]).count() == 1
    include(judged)
    assert judgements_for(study, purpose="explore", origins=["person"]).count() == 2


def test_the_card_of_somebody_left_out_goes_unless_another_author_stands_behind_it():
    study = make_study()
    first = share(study)
    exclude(first.participant, because="Copied text", by=None, now=NOW)
    assert not cards_for(study, purpose="explore", origins=["person"]).exists()
    share(study)
    assert cards_for(study, purpose="explore", origins=["person"]).count() == 1


def test_a_card_that_is_refused_later_keeps_its_words_from_a_graph_that_was_built_with_it():
    study = make_study()
    card = share(study, title="Told too much")
    mine = CanonicalValuesCard.objects.get()
    make_canonical_card(study, title="Plain")
    make_judgements(study, wiser=2, of=2, first="Plain", second="Told too much")
    snapshot = build_snapshot(study, method="repaired", now=NOW)
    refuse_card(card, by=make_member(), now=NOW)
    assert mine.content_id in export(snapshot, form="json")
    assert all("Told too much" not in export(snapshot, form=form) for form in ("json", "csv", "graphml", "published"))


def test_the_card_of_somebody_left_out_is_drawn_for_nobody():
    study = make_study(steps=STEPS, more=SEED)
    author = share(study).participant
    exclude(author, because="Copied text", by=None, now=NOW)
    assert not may_judge(study)
    include(author)
    assert may_judge(study)


def test_a_new_card_is_compared_with_the_nearest_that_others_may_see():
    study = make_study(steps=STEPS, more=SEED)
    refuse_card(share(study), by=make_member(), now=NOW)
    share(study, title="Looking up", policies=["Silences that leave room", "Birds over lakes", "Trains at dawn"])
    assert may_judge(study)
