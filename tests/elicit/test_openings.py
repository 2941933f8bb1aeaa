"""Which conversations a person has, with whose opening and whose instructions."""

from collections import Counter
from datetime import timedelta

import pytest

from elicit.conversations import anchored_prompt, begin, close_conversation, start_conversation, take_anchor
from elicit.errors import Conflict
from elicit.models import Conversation
from elicit.openings import anchor_for, anchor_numbers, arm_for, attribute_order, raters_of_anchors, types_left
from elicit.rating import ATTRIBUTES, Feedback
from tests.elicit.rated import ANCHORS, instruct, opened, person_in, rated, rated_study
from tests.make import NOW, make_participant

pytestmark = pytest.mark.django_db


def kinds_left(participant):
    return [kind.key for kind in types_left(participant)]


def finish(participant, kind="unguided", prompt="Should I move?"):
    conversation = rated(opened(participant, prompt, kind)).conversation
    close_conversation(conversation, Feedback({}, {}), now=NOW)
    return conversation


def give(participant, key, *, at=NOW):
    return Conversation.objects.create(
        participant=participant, number=participant.conversations.count() + 1, kind="unguided", anchor=key,
        started_at=at,
    )  # fmt: skip


def test_a_type_whose_quota_is_used_up_is_offered_no_more():
    person = person_in(rated_study(counts=(1, 1)))
    assert kinds_left(person) == ["unguided", "values_guided"]
    finish(person)
    assert kinds_left(person) == ["values_guided"]


def test_without_quotas_every_type_is_offered_to_the_end():
    person = person_in(rated_study())
    finish(person)
    assert kinds_left(person) == ["unguided", "values_guided"]


def test_the_type_stays_as_it_was_chosen():
    person = person_in(rated_study())
    first = start_conversation(person, "unguided", now=NOW)
    assert start_conversation(person, "values_guided", now=NOW) == first
    assert first.kind == "unguided"


def test_as_many_conversations_are_anchored_as_the_study_says_and_the_seed_says_which():
    study = rated_study(count=4, more=ANCHORS.format(count=2))
    drawn = [anchor_numbers(person_in(study, seed=seed)) for seed in range(60)]
    assert {len(numbers) for numbers in drawn} == {2}
    assert Counter(number for numbers in drawn for number in numbers).keys() == {1, 2, 3, 4}
    assert anchor_numbers(person_in(study, seed=3)) == drawn[3]


def test_the_shared_prompt_that_fewest_have_comes_next():
    study = rated_study(count=1, more=ANCHORS.format(count=1))
    for key in ("one", "two", "one"):
        give(person_in(study), key)
    assert anchor_for(person_in(study), now=NOW).key == "three"
    give(person_in(study), "three")
    assert anchor_for(person_in(study), now=NOW).key in {"two", "three"}


def test_twelve_people_rate_three_shared_prompts_four_times_each():
    study = rated_study(count=1, more=ANCHORS.format(count=1))
    given = Counter(take_anchor(person_in(study), now=NOW).anchor for _ in range(12))
    assert given == {"one": 4, "two": 4, "three": 4}


def test_a_person_gets_no_shared_prompt_twice():
    study = rated_study(count=3, more=ANCHORS.format(count=3))
    person = person_in(study)
    for _ in range(3):
        finish(person, prompt=anchored_prompt(take_anchor(person, now=NOW)))
    assert sorted(person.conversations.values_list("anchor", flat=True)) == ["one", "three", "two"]


def test_a_shared_prompt_that_somebody_left_unrated_counts_for_a_day():
    study = rated_study(count=1, more=ANCHORS.format(count=1))
    give(person_in(study), "one", at=NOW)
    asker = person_in(study)
    assert raters_of_anchors(asker, ["one", "two"], now=NOW + timedelta(hours=23)) == {"one": 1, "two": 0}
    assert raters_of_anchors(asker, ["one", "two"], now=NOW + timedelta(hours=25)) == {"one": 0, "two": 0}


def test_previews_and_people_who_were_left_out_count_for_no_shared_prompt():
    study = rated_study(count=1, more=ANCHORS.format(count=1))
    give(make_participant(study, origin="preview"), "one")
    left_out = person_in(study)
    left_out.excluded_at = NOW
    left_out.save()
    give(left_out, "two")
    assert set(raters_of_anchors(person_in(study), ["one", "two"], now=NOW).values()) == {0}


def test_looking_twice_at_a_shared_prompt_shows_the_same_one():
    person = person_in(rated_study(count=1, more=ANCHORS.format(count=1)))
    first = take_anchor(person, now=NOW)
    assert take_anchor(person, now=NOW) == first
    assert Conversation.objects.count() == 1


def test_a_shared_prompt_opens_with_its_own_words_and_type_whatever_is_posted():
    person = person_in(rated_study(count=1, more=ANCHORS.format(count=1)))
    given = take_anchor(person, now=NOW)
    with pytest.raises(Conflict):
        begin(person, "unguided", "Something else", idempotency_key="forged", now=NOW)
    exchange = begin(person, "controversy_guided", anchored_prompt(given), idempotency_key="k", now=NOW)
    assert (exchange.prompt, exchange.conversation.kind) == (anchored_prompt(given), given.kind)
    assert take_anchor(person, now=NOW) is None


def test_own_openings_leave_room_for_the_shared_prompts_to_come():
    more = """\
  anchors:
    count: 1
    prompts: [{key: only, type: unguided, text: "What is a good day?"}]
"""
    study = rated_study(counts=(1, 1), more=more)
    late = next(
        person for person in (person_in(study, seed=seed) for seed in range(50)) if anchor_numbers(person) == {2}
    )
    assert kinds_left(late) == ["values_guided"]


def test_the_arm_is_drawn_by_seed_with_its_share():
    study = rated_study(more="  own_instructions: 0.3", steps="consent, survey, conversations")
    person = person_in(study)
    instruct(person, "Be brief.")
    arms = Counter()
    for seed in range(400):
        person.seed = seed
        arms[arm_for(person, 1).arm, arm_for(person, 1).propensity] += 1
    assert set(arms) == {("own_system", 0.3), ("standard", 0.7)}
    assert 95 <= arms["own_system", 0.3] <= 145


def test_whoever_left_their_instructions_open_is_in_the_standard_arm_for_sure():
    study = rated_study(more="  own_instructions: 1.0", steps="consent, survey, conversations")
    person = person_in(study)
    assert (arm_for(person, 1).arm, arm_for(person, 1).propensity) == ("standard", 1.0)
    instruct(person, "Be brief.")
    assert (arm_for(person, 1).arm, arm_for(person, 1).propensity) == ("own_system", 1.0)


def test_the_order_of_the_attributes_comes_from_the_seed_and_is_stored():
    study = rated_study()
    conversation = finish(person_in(study))
    assert conversation.feedback.attribute_order == attribute_order(conversation)
    orders = {tuple(attribute_order(finish(person_in(study)))) for _ in range(3)}
    assert len(orders) > 1 and all(sorted(order) == sorted(ATTRIBUTES) for order in orders)
