"""Draws: stored with how they were drawn, on either side, with any arm, once more where the study wants that."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from elicit.models import Participant, ValuesCard
from moralgraph.algorithms.pairing import PairChoice, Tally
from moralgraph.candidates import answers_so_far, open_candidates
from moralgraph.contexts import merge_context, retire_context
from moralgraph.draws import design_of, draw_judgement, wanted
from moralgraph.models import Context, Judgement, Upgrade
from moralgraph.stories import stories
from moralgraph.upgrades import retire_upgrade
from moralgraph.withdrawal import forget_words
from tests.make import NOW, make_canonical_card, make_confirmed_card, make_participant
from tests.moralgraph.test_judgements import answer, drawn, more, person_in, study_with

pytestmark = pytest.mark.django_db

TOLD = ", story_forward: From first to second., story_reverse: From second to first."
ONE_PAIR = (("a", "b", "tired"),)


@pytest.fixture
def participant() -> Participant:
    return person_in(study_with(more()))


def judging(settings: str, **given: Any) -> Participant:
    return person_in(study_with(more(**given).replace("judgements: {count: 3", "judgements: {" + settings)))


def draws(count: int, **given: Any) -> list[Judgement]:
    study = study_with(more(**given))
    return [drawn(person_in(study, seed=seed)).judgement for seed in range(count)]


def test_stories_follow_the_cards_as_they_are_shown() -> None:
    seen: Counter[str] = Counter()
    for judgement in draws(24, upgrades=ONE_PAIR, stories=TOLD):
        is_forward = judgement.first.title == "Card a"
        forward, back = ("From first to second.", "From second to first.")[:: 1 if is_forward else -1]
        both = [forward, back] if judgement.first_side == "start" else [back, forward]
        told = {"none": [], "forward": [forward], "reverse": [back], "both": both}[judgement.story_arm]
        assert [story.text for story in stories(judgement)] == told
        assert judgement.story_arm_probability == 0.25
        seen[judgement.story_arm] += 1
    assert set(seen) == {"none", "forward", "reverse", "both"}


@pytest.mark.parametrize(("arms", "drawn_arms"), [("[none]", {"none"}), ("[both_sided]", {"both"})])
def test_only_the_studys_arms_are_drawn(arms: str, drawn_arms: set[str]) -> None:
    study = study_with(more(upgrades=ONE_PAIR, stories=TOLD).replace("count: 3", f"count: 3, stories: {arms}"))
    assert {drawn(person_in(study, seed=seed)).judgement.story_arm for seed in range(5)} == drawn_arms


def test_a_pair_without_stories_is_shown_without_one_and_certainly_so(participant: Participant) -> None:
    judgement = drawn(participant).judgement
    assert (judgement.story_arm, judgement.story_arm_probability) == ("none", 1.0)


def test_both_sides_and_both_designs_are_drawn_and_stored() -> None:
    found = draws(12)
    assert {judgement.first_side for judgement in found} == {"start", "end"}
    assert {judgement.design for judgement in found} == {"active", "uniform"}


def test_one_choice_in_five_is_uniform_where_all_are_equally_likely() -> None:
    rng = np.random.default_rng(1)
    choice = PairChoice("a", "b", "tired", probability=0.25)  # of two pairs in two directions
    uniform = sum(design_of(choice, pairs=2, rng=rng) == "uniform" for _ in range(2000))
    assert 330 <= uniform <= 470  # 400 expected, and four standard errors


def test_what_was_answered_so_far_is_counted_by_direction_and_without_repeats(participant: Participant) -> None:
    judgement = answer(participant, drawn(participant), "about_equal")
    other = person_in(participant.study, seed=2)
    name = (judgement.first.content_id, judgement.second.content_id, judgement.context.key)
    assert answers_so_far(other, open_candidates(other)) == {name: Tally(asked=1, about_equal=1)}
    Judgement.objects.update(repeat=1)
    assert answers_so_far(other, open_candidates(other)) == {}


def test_repeats_come_at_the_end_with_sides_changed_and_are_flagged() -> None:
    participant = judging("count: 3, repeats: 2")
    assert wanted(participant) == 5
    for _ in range(5):
        answer(participant, drawn(participant))
    rows = list(participant.judgements.order_by("number"))
    assert [row.repeat for row in rows] == [0, 0, 0, 1, 1]
    for again in rows[3:]:
        before = next(row for row in rows[:3] if (row.lower, row.upper) == (again.lower, again.upper))
        assert again.first_id == before.first_id and again.first_side != before.first_side
        assert again.design == "repeat" and again.story_arm == before.story_arm
    assert rows[3].selection_probability == 0.5
    assert draw_judgement(participant, now=NOW) is None
    assert participant.steps.get(key="judgements").state == "done"


def test_no_pair_comes_again_where_the_study_does_not_say_so(participant: Participant) -> None:
    for _ in range(3):
        answer(participant, drawn(participant))
    assert not participant.judgements.exclude(repeat=0).exists()


def test_the_last_pair_does_not_come_again_at_once() -> None:
    participant = judging("count: 2, repeats: 1", upgrades=ONE_PAIR)
    answer(participant, drawn(participant))
    assert participant.steps.get(key="judgements").state == "done"


def test_an_open_draw_of_a_retired_upgrade_or_context_goes_and_another_comes(participant: Participant) -> None:
    first = drawn(participant).judgement
    retire_upgrade(first.upgrade)
    second = drawn(participant).judgement
    assert second.number == 1 and {second.lower, second.upper} != {first.lower, first.upper}
    retire_context(second.context)
    third = drawn(participant).judgement
    assert third.context_id != second.context_id and Judgement.objects.count() == 1


def test_pairs_of_merged_cards_are_asked_about_as_the_cards_that_stand(participant: Participant) -> None:
    cards = {card.title[-1]: card for card in participant.study.canonical_cards.all()}
    type(cards["a"]).objects.filter(pk=cards["b"].pk).update(merged_into=cards["a"])
    pairs = {row.pair for row in open_candidates(participant).rows}
    assert pairs == {frozenset((cards["a"].pk, cards["c"].pk)), frozenset((cards["c"].pk, cards["d"].pk))}


def test_an_open_draw_stays_while_its_cards_are_merged_elsewhere_and_goes_when_they_are_one(
    participant: Participant,
) -> None:
    judgement = drawn(participant).judgement
    other = make_canonical_card(participant.study, title="Stands for both")
    type(other).objects.filter(pk=judgement.first_id).update(merged_into=other)
    assert drawn(participant).judgement == judgement
    type(other).objects.filter(pk=judgement.second_id).update(merged_into=other)
    assert {drawn(participant).judgement.lower, drawn(participant).judgement.upper} != {
        judgement.lower, judgement.upper,
    }  # fmt: skip


def test_pairs_of_a_merged_context_are_asked_about_in_the_one_that_stands(participant: Participant) -> None:
    rows = {context.key: context for context in Context.objects.of_study(participant.study)}
    merge_context(rows["other"], into=rows["tired"])
    assert {row.context for row in open_candidates(participant).rows} == {rows["tired"].pk}


def test_an_open_draw_whose_story_was_erased_goes() -> None:
    participant = person_in(study_with(more(upgrades=ONE_PAIR, stories=TOLD)))
    judgement = drawn(participant).judgement
    Judgement.objects.filter(pk=judgement.pk).update(story_arm="both")
    Upgrade.objects.update(story_forward="")
    assert drawn(participant).judgement.story_arm in {"none", "forward", "reverse"}


def test_a_person_is_not_asked_about_a_card_in_their_own_words(participant: Participant) -> None:
    participant.study.canonical_cards.filter(title="Card c").update(worded_by=participant)
    assert len(open_candidates(participant).rows) == 1


def test_a_card_of_somebody_who_was_left_out_is_drawn_no_more_and_its_open_draw_goes(participant: Participant) -> None:
    author = make_participant(participant.study)
    judgement = drawn(participant).judgement
    participant.study.canonical_cards.filter(pk=judgement.first_id).update(worded_by=author)
    assert drawn(participant).judgement == judgement
    Participant.objects.filter(pk=author.pk).update(excluded_at=NOW)
    again = drawn(participant).judgement
    assert judgement.first_id not in (again.first_id, again.second_id)


def test_stories_about_a_card_go_when_its_author_withdraws_their_words() -> None:
    participant = person_in(study_with(more(upgrades=ONE_PAIR, stories=TOLD)))
    author = make_participant(participant.study)
    card = participant.study.canonical_cards.get(title="Card a")
    type(card).objects.filter(pk=card.pk).update(worded_by=author)
    other: ValuesCard = make_confirmed_card(make_participant(participant.study), title="Other words")
    card.memberships.create(card=other, decision="similar")
    forget_words(author)
    upgrade = Upgrade.objects.get()
    assert upgrade.first.title == "Other words" and (upgrade.story_forward, upgrade.story_reverse) == ("", "")
