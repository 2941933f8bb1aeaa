import numpy as np
import pytest

from moralgraph.algorithms.group_agreement import GroupAgreement, Meeting, agreement_across_groups
from moralgraph.algorithms.records import Answer, Judgements


def found_for(**said: tuple[int, int]) -> GroupAgreement:
    """Ask a -> b; of each group so many say "wiser" and so many "less wise". Group "none" is no group."""
    answers = [
        (group, answer)
        for group, counts in said.items()
        for answer, count in zip((Answer.WISER, Answer.LESS_WISE), counts, strict=True)
        for _ in range(count)
    ]
    judgements = Judgements.from_columns(
        participant=range(len(answers)), first=["a"] * len(answers), second=["b"] * len(answers),
        context=["w"] * len(answers), answer=[answer for _, answer in answers],
    )  # fmt: skip
    groups = {str(person): None if group == "none" else group for person, (group, _) in enumerate(answers)}
    (found,) = agreement_across_groups(judgements, groups)
    return found


def test_groups_agree_when_each_has_a_sure_majority_by_itself():
    assert found_for(left=(28, 4), right=(26, 6)).meeting is Meeting.AGREED


def test_a_large_group_does_not_carry_a_small_one_that_said_no():
    found = found_for(left=(190, 10), right=(9, 12))
    assert found.meeting is not Meeting.AGREED
    assert [one.share for one in found.by_group] == pytest.approx([0.95, 9 / 21])


def test_opposed_groups_are_divided():
    assert found_for(left=(50, 5), right=(5, 50)).meeting is Meeting.DIVIDED


def test_groups_that_only_were_asked_are_not_in_agreement():
    assert found_for(left=(1, 40), right=(2, 40)).meeting is Meeting.UNCLEAR


def test_a_share_is_drawn_towards_the_others_the_more_the_fewer_gave_it():
    few, many = found_for(few=(12, 0), many=(60, 40)).by_group
    assert 0.6 < few.pooled < few.share == 1
    assert abs(many.pooled - many.share) < abs(few.pooled - few.share)


def test_a_small_group_gives_no_number_and_takes_a_second_one_with_it():
    found = found_for(large=(40, 10), middle=(15, 5), small=(3, 1))
    assert [one.group for one in found.by_group] == ["large"]
    assert (found.held_back, found.meeting) == (("middle", "small"), Meeting.TOO_FEW)


def test_few_people_without_a_group_are_not_given_away_either():
    found = found_for(left=(28, 4), right=(20, 6), none=(2, 1))
    assert [one.group for one in found.by_group] == ["left"]
    assert len(found_for(left=(28, 4), right=(20, 6), none=(8, 5)).by_group) == 2


def test_repeats_and_people_who_could_not_judge_are_nobody():
    judgements = Judgements.from_columns(
        participant=[*range(12), 0, 12], first=["a"] * 14, second=["b"] * 14, context=["w"] * 14,
        answer=["wiser"] * 13 + ["cannot_judge"], repeat=[0] * 12 + [1, 0],
    )  # fmt: skip
    (found,) = agreement_across_groups(judgements, {str(person): "all" for person in range(13)})
    assert [one.people for one in found.by_group] == [12]


def test_no_group_gives_no_number():
    (found,) = agreement_across_groups(
        Judgements.from_columns(participant=["p"], first=["a"], second=["b"], context=["w"], answer=["wiser"]), {}
    )
    assert (found.by_group, found.meeting) == ((), Meeting.TOO_FEW)


def test_no_number_of_under_ten_people_is_ever_shown():
    rng = np.random.default_rng(1)
    for _ in range(50):
        counts = {group: tuple(rng.integers(0, 15, size=2).tolist()) for group in ("u", "v", "w", "none")}
        if sum(map(sum, counts.values())):
            assert all(one.people >= 10 for one in found_for(**counts).by_group)
