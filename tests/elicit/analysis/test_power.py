import numpy as np
import pytest

from elicit.analysis.power import people_to_tell_groups_apart, people_to_tell_models_apart


def test_half_a_deviation_needs_the_textbooks_63_in_each_group():
    # (1.96 + 0.8416)^2 = 7.849; 2 * 7.849 / 0.25 = 62.8 a group.
    assert people_to_tell_groups_apart(0.5, deviation=1).people == 126


def test_a_small_group_needs_more_people_in_all():
    # 7.849 / 0.25 / (0.1 * 0.9) = 348.8
    assert people_to_tell_groups_apart(0.5, deviation=1, share=0.1).people == 349


def test_ratings_of_one_person_count_for_less_than_new_people():
    plan = people_to_tell_groups_apart(0.5, deviation=1, ratings_each=6, alike=0.2)
    assert plan.design_effect == pytest.approx(2)
    assert plan.people == 42  # 125.6 * 2 / 6
    assert plan.ratings == 252


def test_leniency_drops_out_where_each_person_rates_both_models():
    assert people_to_tell_models_apart(0.5, deviation=1, alike=0.5).people == 32  # 7.849 * 2 * 0.5 / 0.25 = 31.4
    assert people_to_tell_models_apart(0.5, deviation=1, alike=0.9).people < 10


def test_more_comparisons_more_power_and_weights_need_more_people():
    plain = people_to_tell_groups_apart(5).people
    assert people_to_tell_groups_apart(5, comparisons=21).people > plain
    assert people_to_tell_groups_apart(5, power=0.9).people > plain
    assert people_to_tell_groups_apart(5, weights_effect=1.5).people == pytest.approx(1.5 * plain, abs=1)


@pytest.mark.parametrize("wrong", [{"difference": 0}, {"difference": 5, "share": 0}, {"difference": 5, "deviation": 0}])
def test_no_number_of_people_is_enough_for_nothing(wrong):
    with pytest.raises(ValueError, match="tells apart|smaller group"):
        people_to_tell_groups_apart(**wrong)


def test_a_plan_reaches_its_power_in_simulated_studies():
    plan = people_to_tell_groups_apart(10, ratings_each=4, alike=0.3)
    rng, group = np.random.default_rng(0), plan.people // 2
    found = 0
    for _ in range(1000):
        lenient = rng.normal(0, 29.3 * np.sqrt(0.3), (2, group, 1))
        means = (lenient + rng.normal(0, 29.3 * np.sqrt(0.7), (2, group, 4)) + [[[0]], [[10]]]).mean(axis=2)
        error = np.sqrt(means.var(axis=1, ddof=1).sum() / group)
        found += abs(means[1].mean() - means[0].mean()) / error > 1.96
    assert found / 1000 == pytest.approx(0.8, abs=0.05)
