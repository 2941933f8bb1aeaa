"""Deduplication as cards arrive, what a study file brings along, and forgetting a person's words."""

import pytest

from elicit.errors import Conflict
from elicit.models import Participant, ValuesCard
from elicit.participants import withdraw
from elicit.studies import load_study
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.deduplication import SIMILAR_FROM, content_id, deduplicate, join_canonical
from moralgraph.models import (
    AlignmentTarget,
    CanonicalValuesCard,
    CardMembership,
    Context,
    Judgement,
    Snapshot,
    Upgrade,
)
from moralgraph.upgrades import NEAREST
from tests.make import (
    NOW,
    make_confirmed_card,
    make_consenting_participant,
    make_judgements,
    make_participant,
    make_study,
    study_text,
)

pytestmark = pytest.mark.django_db
SEEDS = """\
seed_cards:
  - key: calm
    title: Quiet Help
    description: I look for rest.
    policies: [Moments of rest, Signs of strain, Slow words]
  - key: bold
    title: Plain Speech
    description: I say it.
    policies: [Facts that matter, Words nobody dares, Sharp turns]
upgrades:
  - {first: calm, second: bold, context: tired, story_forward: Ada came to speak up.}
"""
OTHER_POLICIES = ["Bread that is still warm", "Neighbours at the fence", "Children who are late"]


def make_author(study, **fields):
    return make_confirmed_card(make_consenting_participant(study, explore=True, train=True), **fields)


def test_a_study_file_brings_contexts_cards_and_upgrades():
    study = make_study(more=SEEDS)
    assert Context.objects.get().questions.count() == 2
    assert {card.seed_key for card in CanonicalValuesCard.objects.all()} == {"calm", "bold"}
    upgrade = Upgrade.objects.get()
    assert (upgrade.first.title, upgrade.second.title, upgrade.origin) == ("Quiet Help", "Plain Speech", "seed")
    assert upgrade.study == study


@pytest.mark.parametrize("is_judged", [False, True])
def test_a_seed_that_a_changed_file_no_longer_names_goes_unless_somebody_judged_it(is_judged):
    study = make_study(slug="seeds", more=SEEDS)
    if is_judged:
        make_judgements(study, wiser=1, of=1, first="Quiet Help", second="Plain Speech")
    load_study(study_text(slug="seeds", more=SEEDS.replace("Plain Speech", "Open Speech")), now=NOW)
    titles = set(CanonicalValuesCard.objects.values_list("title", flat=True))
    assert titles == {"Quiet Help", "Open Speech"} | ({"Plain Speech"} if is_judged else set())


def test_loading_a_changed_file_keeps_the_cards_that_did_not_change():
    make_study(slug="twice", more=SEEDS)
    calm, bold = CanonicalValuesCard.objects.order_by("pk")
    load_study(study_text(slug="twice", more=SEEDS.replace("Sharp turns", "Sharp corners")), now=NOW)
    assert CanonicalValuesCard.objects.get(seed_key="calm") == calm
    assert CanonicalValuesCard.objects.get(seed_key="bold") != bold
    assert CanonicalValuesCard.objects.filter(seed_key="calm").count() == 1


def test_a_context_that_was_judged_keeps_its_words():
    study = make_study(slug="judged", more=SEEDS)
    make_judgements(study, wiser=1, of=1)
    with pytest.raises(Conflict, match="key of its own"):
        load_study(study_text(slug="judged").replace("someone is tired", "someone is worn out"), now=NOW)


def test_names_of_words_ignore_case_punctuation_and_spacing():
    assert content_id("Being There", "", ["Hands held"]) == content_id("being  there!", "", ["HANDS, held."])
    assert content_id("Being There", "", ["Hands held"]) != content_id("Being There", "Hands", ["held"])


def test_the_same_words_share_a_canonical_card():
    study = make_study()
    memberships = [deduplicate(make_author(study)) for _ in range(2)]
    assert memberships[0].canonical == memberships[1].canonical
    assert [row.decision for row in memberships] == ["own", "same_words"]


def test_nearly_the_same_words_join_provisionally_and_the_card_stays():
    study = make_study()
    first = deduplicate(make_author(study))
    nearly = ["Silences that leave room", "Words the person returns to", "Hours that are the hardest for them"]
    card = make_author(study, policies=nearly)
    second = deduplicate(card)
    assert (second.canonical, second.decision, second.is_provisional) == (first.canonical, "similar", True)
    assert SIMILAR_FROM <= second.similarity < 1
    card.refresh_from_db()
    assert card.policies == nearly


def test_other_words_stand_for_themselves_and_can_be_judged_at_once():
    study = make_study(more=SEEDS)
    card = make_author(study, policies=OTHER_POLICIES, title="Open Door", question=study.questions.first())
    own = deduplicate(card).canonical
    assert own.worded_by == card.participant
    proposed = Upgrade.objects.filter(second=own)
    assert len(proposed) == NEAREST
    assert {upgrade.first.seed_key for upgrade in proposed} <= {"calm", "bold"}
    assert {upgrade.context.key for upgrade in proposed} == {"tired"}


def test_a_person_does_not_join_a_simulated_card_that_is_only_similar():
    study = make_study()
    deduplicate(make_confirmed_card(make_participant(study, origin="simulated")))
    assert deduplicate(make_author(study, description="I stay near you.")).decision == "own"


@pytest.mark.parametrize("agreed", [True, False])
def test_a_card_joins_the_others_only_if_its_author_agreed(agreed: bool):
    join_canonical(make_confirmed_card(make_consenting_participant(make_study(), explore=agreed)))
    assert CanonicalValuesCard.objects.exists() == agreed


def test_deduplicating_a_card_again_changes_nothing():
    card = make_author(make_study())
    assert deduplicate(card) == deduplicate(card)
    assert CardMembership.objects.count() == 1


def leave(card: ValuesCard) -> Participant:
    author = card.participant
    withdraw(author, now=NOW)
    return author


def test_a_canonical_card_takes_the_words_of_another_author_when_its_own_leaves():
    study = make_study()
    card = make_author(study, title="Staying close by")
    canonical = deduplicate(card).canonical
    other = make_author(study)
    assert deduplicate(other).canonical == canonical
    leave(card)
    canonical.refresh_from_db()
    assert (canonical.title, canonical.worded_by) == ("Staying close", other.participant)


def test_a_canonical_card_that_nobody_else_stands_behind_is_deleted():
    card = make_author(make_study())
    deduplicate(card)
    leave(card)
    assert not CanonicalValuesCard.objects.exists()


def test_a_judged_canonical_card_is_emptied_and_never_proposed_again():
    study = make_study(more=SEEDS)
    card = make_author(study, title="Deep", policies=OTHER_POLICIES)
    canonical = deduplicate(card).canonical
    make_judgements(study, wiser=2, of=2)
    leave(card)
    canonical.refresh_from_db()
    assert (canonical.title, canonical.description, canonical.policies) == ("Withdrawn value", "", [])
    assert not Upgrade.objects.filter(second=canonical).exists()
    assert Judgement.objects.count() == 2


def test_withdrawal_retires_what_was_built_and_takes_the_words_out():
    study = make_study()
    rows = make_judgements(study, wiser=3, of=3)
    target = freeze_newest_target(study, now=NOW)
    withdraw(rows[0].participant, now=NOW)
    assert Snapshot.objects.get().retired_at is not None
    redacted = AlignmentTarget.objects.get()
    assert redacted.retired_at is not None
    assert redacted.content_hash == target.content_hash
    assert {card["title"] for card in redacted.content["cards"]} == {"-"}
    assert Judgement.objects.count() == 2
