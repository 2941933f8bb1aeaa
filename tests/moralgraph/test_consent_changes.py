"""What a changed answer does to the graph, to what was built, and to training."""

import pytest
from django.utils import translation

from elicit.consent import change_answer
from elicit.models import Participant
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.deduplication import join_canonical
from moralgraph.models import AlignmentTarget, CanonicalValuesCard, CardMembership, Judgement, Snapshot
from moralgraph.snapshots import build_snapshot
from tests.make import NOW, make_confirmed_card, make_consenting_participant, make_judgements, make_study
from training.datasets import request_dataset
from training.models import Dataset

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> Participant:
    """Somebody who granted exploring and training, and whose card stands in the graph."""
    study = make_study()
    make_judgements(study, wiser=3, of=4)
    person = make_consenting_participant(study, explore=True, train=True)
    join_canonical(make_confirmed_card(person, title="Tending the quiet"))
    return person


def canonical_of(person: Participant) -> CanonicalValuesCard | None:
    return CanonicalValuesCard.objects.filter(title="Tending the quiet", worded_by=person).first()


def test_taking_back_exploring_takes_the_card_from_the_others_and_leaves_it_with_its_author(author: Participant):
    assert canonical_of(author) is not None
    change_answer(author, "explore", False, now=NOW)
    assert canonical_of(author) is None
    assert not CardMembership.objects.filter(card__participant=author).exists()
    assert author.values_cards.get().title == "Tending the quiet"


def test_granting_exploring_later_brings_the_card_to_the_others(author: Participant):
    for answer in (False, True):
        change_answer(author, "explore", answer, now=NOW)
    assert canonical_of(author) is not None


def test_a_held_card_does_not_join_by_a_changed_answer(author: Participant):
    change_answer(author, "explore", False, now=NOW)
    author.values_cards.update(release="held")
    change_answer(author, "explore", True, now=NOW)
    assert canonical_of(author) is None


def test_judgements_about_a_card_that_was_taken_back_keep_their_place_without_its_words(author: Participant):
    card = canonical_of(author)
    other = CanonicalValuesCard.objects.get(title="Deep")
    judge = make_consenting_participant(author.study, explore=True)
    Judgement.objects.create(
        study=author.study, participant=judge, context=author.study.contexts.first(), first=card, second=other,
        lower=min(card.pk, other.pk), upper=max(card.pk, other.pk), number=1, answer="wiser", answered_at=NOW,
    )  # fmt: skip
    with translation.override("ar"):  # what stands there is in the card's language, whoever takes it back
        change_answer(author, "explore", False, now=NOW)
    card.refresh_from_db()
    assert (card.title, card.policies, card.worded_by) == ("Withdrawn value", [], None)


def test_a_situation_found_in_an_interview_keeps_its_place_in_every_language_without_its_words(author: Participant):
    author.study.contexts.update(found_in=author)
    with translation.override("ar"):
        change_answer(author, "explore", False, now=NOW)
    context = author.study.contexts.get()
    assert context.text == {"en": "Withdrawn situation", "ar": "موقف مسحوب"}
    assert context.state == "retired"


def test_taking_back_training_retires_targets_and_datasets_and_leaves_what_was_built_to_explore(author: Participant):
    explored = build_snapshot(author.study, method="repaired", now=NOW)
    target = freeze_newest_target(author.study, now=NOW)
    dataset = request_dataset(target, recipe_name="tiny_cpu", seed=0)
    change_answer(author, "train", False, now=NOW)
    assert list(Snapshot.objects.filter(retired_at=None)) == [explored]
    assert AlignmentTarget.objects.get().retired_at == NOW
    assert "Tending the quiet" not in str(AlignmentTarget.objects.get().content)
    assert Dataset.objects.get(pk=dataset.pk).state == "retired"


def test_taking_back_exploring_retires_everything_that_was_built(author: Participant):
    build_snapshot(author.study, method="repaired", now=NOW)
    freeze_newest_target(author.study, now=NOW)
    change_answer(author, "explore", False, now=NOW)
    assert not Snapshot.objects.filter(retired_at=None).exists()
    assert not AlignmentTarget.objects.filter(retired_at=None).exists()


def test_granting_more_retires_nothing(author: Participant):
    change_answer(author, "train", False, now=NOW)
    explored = build_snapshot(author.study, method="repaired", now=NOW)
    change_answer(author, "train", True, now=NOW)
    explored.refresh_from_db()
    assert explored.retired_at is None


def test_the_answer_of_somebody_who_gave_nothing_retires_nothing(author: Participant):
    built = build_snapshot(author.study, method="repaired", now=NOW)
    silent = make_consenting_participant(author.study, explore=True, train=True)
    change_answer(silent, "explore", False, now=NOW)
    built.refresh_from_db()
    assert built.retired_at is None
