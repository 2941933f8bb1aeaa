import numpy as np
import pytest

from elicit.analysis.bridging import bridging_scores
from elicit.analysis.groups import Verdict
from elicit.analysis.ratings import Ratings

MODELS = ("bridge", "divider", "dull")
MEANS = {
    ("north", "bridge"): 75, ("north", "divider"): 90, ("north", "dull"): 30,
    ("south", "bridge"): 75, ("south", "divider"): 40, ("south", "dull"): 30,
}  # fmt: skip


def rated(sizes, *, seed=0, means=MEANS):
    rng = np.random.default_rng(seed)
    people = [group for group, size in sizes.items() for _ in range(size)]
    rows = [
        (person, 10 * person + showing, model, rng.normal(means[group, model], 8))
        for person, group in enumerate(people)
        for showing in range(4)
        for model in MODELS
    ]
    participant, interaction, model, score = zip(*rows, strict=True)
    ratings = Ratings.from_columns(
        participant=participant, interaction=interaction, model=model, score=np.clip(score, 1, 100), models=MODELS
    )
    return ratings, dict(enumerate(people))


def scores_of(*arguments, **options):
    return {row.model: row for row in bridging_scores(*arguments, seed=1, draws=300, **options)}


def test_what_every_group_likes_bridges_and_what_one_group_loves_does_not():
    found = scores_of(*rated({"north": 40, "south": 20}))
    assert found["bridge"].verdict is Verdict.HIGHER
    assert found["divider"].verdict is Verdict.LOWER
    assert found["divider"].lowest_group == "south"
    assert found["bridge"].share_first == 1


def test_the_mean_over_people_prefers_the_divider_and_bridging_does_not():
    ratings, group_of = rated({"north": 40, "south": 15})
    means = [ratings.score[ratings.model == place].mean() for place in range(2)]
    assert means[1] > means[0]
    found = scores_of(ratings, group_of)
    assert found["bridge"].lowest > found["divider"].lowest


def test_approval_is_the_geometric_mean_of_smoothed_shares():
    found = scores_of(
        *rated(
            {"north": 20, "south": 20},
            means=dict.fromkeys(MEANS, 90) | {("south", "divider"): 2, ("north", "dull"): 20},
        )
    )
    assert found["divider"].approval == pytest.approx(np.sqrt((81 / 82) * (1 / 82)))
    assert found["divider"].approval_low <= found["divider"].approval <= found["divider"].approval_high


def test_with_one_group_above_the_floor_nothing_is_said():
    found = scores_of(*rated({"north": 30, "south": 9}))
    assert {row.verdict for row in found.values()} == {Verdict.TOO_FEW_TO_SAY}
    assert all(row.lowest is None and row.groups == () for row in found.values())


def test_without_groups_nothing_is_said():
    ratings, _ = rated({"north": 12})
    assert all(row.verdict is Verdict.TOO_FEW_TO_SAY for row in bridging_scores(ratings, {}, seed=1))


def test_the_same_seed_gives_the_same_intervals():
    study = rated({"north": 15, "south": 15})
    assert bridging_scores(*study, seed=4, draws=50) == bridging_scores(*study, seed=4, draws=50)


def test_groups_that_agree_have_an_interval_on_both_sides_of_their_mean():
    means = dict.fromkeys(MEANS, 60)
    found = scores_of(*rated({"north": 20, "south": 20}, means=means))
    assert all(row.low < 0.05 and row.low < row.lowest + 1e-9 for row in found.values())
    assert {row.verdict for row in found.values()} <= {Verdict.TOO_FEW_TO_SAY, Verdict.LOWER}
