import json
from collections import Counter

import numpy as np
import pytest

from elicit.prism.files import file_names, read_lines, verify_checksums
from elicit.prism.longwide import long_again, long_form, wide_columns, wide_form
from elicit.prism.published import published, scaled
from elicit.prism.schema import FILES, USE_CASES
from elicit.prism.synthesis import synthesize
from elicit.prism.synthetic.minds import exposures, model_names, think
from elicit.prism.synthetic.people import draw_people
from elicit.prism.synthetic.plan import counts_of, draw_plan
from elicit.prism.synthetic.words import MARK
from elicit.prism.validation import validate

FACTS = published()
TOTALS = FACTS["totals"]


@pytest.fixture(scope="module")
def people():
    return draw_people(1500, np.random.default_rng([0, 0]))


@pytest.fixture(scope="module")
def plan():
    return draw_plan(1500, exposures(), np.random.default_rng([0, 1]))


@pytest.fixture(scope="module")
def minds(people, plan):
    return think(people, plan, np.random.default_rng([0, 2]))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases") / "small"
    synthesize(folder, participants=12, seed=3)
    return folder


def rows_of(folder, name):
    return [row for _, row in read_lines(file_names(folder)[name])]


@pytest.mark.parametrize("name", FACTS["survey"])
def test_every_table_of_the_survey_is_met_exactly(people, name):
    counts = Counter(people.columns[name].tolist())
    assert {value: counts[value] for value in FACTS["survey"][name]} == FACTS["survey"][name]


@pytest.mark.parametrize(("column", "table"), [("birth", "born"), ("reside", "reside"), ("region", "special_region")])
def test_places_are_met_exactly(people, column, table):
    assert Counter(people.columns[column].tolist()) == FACTS[table]


def test_as_many_stayed_in_their_country_as_published(people):
    same = people.columns["birth"] == people.columns["reside"]
    assert int(same.sum()) == 1320 + 1  # one person told neither country


def test_use_and_use_cases_are_met_exactly(people):
    assert Counter(people.columns["lm_direct_use"].tolist()) == FACTS["uses"]["direct"]
    assert int(people.is_shown.sum()) == 1253
    assert dict(zip(USE_CASES, people.use_cases.sum(axis=0).tolist(), strict=True)) == FACTS["use_cases"]


def test_preferences_have_about_the_published_means(people):
    means = dict(zip(FACTS["stated_prefs"], people.preferences.mean(axis=0), strict=True))
    assert all(abs(means[name] - FACTS["stated_prefs"][name][0]) < 2.5 for name in means)


def test_people_describe_themselves_in_as_many_ways(people):
    distinct = {name: len(set(people.columns[f"{name}_words"].tolist())) for name in ("religion", "ethnicity")}
    assert distinct == {"religion": 137, "ethnicity": 264}
    assert len(set(people.columns["study_id"].tolist())) == 51


def test_conversations_turns_answers_and_battles_are_met_exactly(plan):
    wanted = ("conversations", "interactions", "openings", "utterances", "battles")
    assert counts_of(plan) == {name: TOTALS[name] for name in wanted}


def test_types_and_numbers_of_conversations_are_met_exactly(plan):
    assert np.bincount(plan.kind).tolist() == [3113, 2460, 2438]
    assert Counter(plan.completed.tolist()) == FACTS["conversations"]["per_participant"]


def test_the_longest_conversations_are_met_exactly(plan):
    longest = np.zeros(1500, dtype=int)
    np.maximum.at(longest, plan.person, plan.turns)
    assert Counter(longest[longest > 0].tolist()) == FACTS["conversations"]["longest"]
    assert abs(plan.turns.std() - 1.579) < 0.03


def test_the_balanced_subset_is_met_exactly(plan):
    answers = plan.answers + 2 * (plan.turns - 1)
    found = {
        "participants": len(set(plan.person[plan.is_balanced].tolist())),
        "conversations": int(plan.is_balanced.sum()),
        "utterances": int(answers[plan.is_balanced].sum()),
    }
    assert found == FACTS["conversations"]["balanced"]


def test_models_open_as_often_as_planned_and_never_twice_in_one_opening(plan):
    counts = np.bincount(plan.models[plan.models >= 0])
    assert counts.tolist() == list(exposures().values())
    assert (counts.min(), counts.max(), round(counts.mean(), 1), round(counts.std(), 1)) == (808, 1567, 1430.9, 171.1)
    for models in plan.models:
        there = models[models >= 0].tolist()
        assert len(set(there)) == len(there)


def test_about_14_models_are_rated_by_each_person(plan):
    distinct = [
        len(set(plan.models[plan.person == who].ravel().tolist()) - {-1}) for who in np.flatnonzero(plan.completed)
    ]
    assert abs(np.mean(distinct) - 13.904) < 0.3


def all_scores(plan, minds):
    return np.concatenate([minds.opening_score[plan.models >= 0], minds.later_score.ravel()])


def test_scores_have_the_published_mean_spread_and_ends(plan, minds):
    scores = all_scores(plan, minds)
    assert abs(scores.mean() - 65.1) < 0.3
    assert abs(scores.std() - 29.3) < 0.3
    assert (scores.min(), scores.max(), len(np.unique(scores))) == (1, 100, 100)


def test_scores_pile_up_at_both_ends_and_where_sliders_began(plan, minds):
    shares = np.bincount(all_scores(plan, minds), minlength=101) / TOTALS["utterances"]
    assert shares[1] > 3 * shares[2]
    assert shares[100] > 3 * shares[99]
    assert shares[50] > 3 * shares[49]


def test_about_as_many_battles_are_ties_as_published(plan, minds):
    ties = total = 0
    for first in range(4):
        for second in range(first + 1, 4):
            both = (plan.models[:, first] >= 0) & (plan.models[:, second] >= 0)
            gap = np.abs(minds.opening_score[both, first] - minds.opening_score[both, second])
            ties, total = ties + int((gap <= 5).sum()), total + int(both.sum())
    assert total == TOTALS["battles"]
    assert abs(ties / total - 0.1748) < 0.01


def test_models_have_about_the_published_number_of_answers(plan, minds):
    winners = plan.models[np.arange(len(minds.winner)), minds.winner][minds.later_conversation]
    counts = np.bincount(plan.models[plan.models >= 0]) + 2 * np.bincount(winners, minlength=21)
    wanted = np.array([FACTS["utterances_by_model"][name] for name in model_names()])
    assert np.abs(counts / wanted - 1).max() < 0.15


def test_failures_and_twins_are_as_many_and_failures_as_badly_scored(minds):
    scores = minds.later_score[minds.is_empty]
    assert (len(scores), int(minds.is_twin.sum())) == (147, 265)
    assert not (minds.is_twin & minds.is_empty.any(axis=1)).any()
    assert np.percentile(scores, [25, 50, 75, 100]).tolist() == [1, 1, 4.5, 100]
    assert abs(scores.mean() - 11.93) < 0.5


def test_a_small_release_is_valid_and_its_checksums_hold(small):
    assert [str(violation) for violation in validate(small).violations] == []
    assert verify_checksums(small) == []


@pytest.mark.parametrize("participants", [1, 2, 5, 33])
def test_releases_of_any_size_are_valid(tmp_path, participants):
    written = synthesize(tmp_path / "release", participants=participants, seed=participants)
    assert validate(tmp_path / "release").counts == {}
    assert written.conversations == scaled_conversations(participants)


def scaled_conversations(participants):
    return sum(n * count for n, count in scaled(FACTS["conversations"]["per_participant"], participants).items())


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path):
    for name, seed in (("first", 1), ("second", 1), ("third", 2)):
        synthesize(tmp_path / name, participants=3, seed=seed)
    sums = [(tmp_path / name / "SHA256SUMS").read_text() for name in ("first", "second", "third")]
    assert sums[0] == sums[1] != sums[2]


def test_rows_have_the_official_order_of_keys(small):
    for name, spec in FILES.items():
        for row in rows_of(small, name):
            assert tuple(row) == spec.field_names
            for field in spec.fields:
                if field.keys and row[field.name]:
                    assert tuple(row[field.name]) == field.key_names


def test_every_free_text_says_that_it_is_synthetic(small):
    survey, talks = rows_of(small, "survey"), rows_of(small, "conversations")
    texts = [row[name] for row in survey for name in ("self_description", "system_string")]
    texts += [row[name]["other_text"] or MARK for row in survey for name in ("lm_usecases", "stated_prefs")]
    texts += [row["open_feedback"] for row in talks]
    texts += [item["content"] for row in talks for item in row["conversation_history"]]
    assert {text for text in texts if not text.startswith(MARK)} <= {"EMPTY STRING"}


def test_the_folder_says_that_it_is_synthetic(small):
    assert (small / "SYNTHETIC").exists()
    assert json.loads((small / "release.json").read_text())["synthetic"] is True
    assert "Nobody took part" in (small / "README.md").read_text()


def test_the_truth_stands_beside_the_rows(small):
    truth = json.loads((small / "truth.json").read_text())
    assert set(truth["models"]) == set(model_names())
    assert len(truth["camp_by_participant"]) == 12


def test_utterances_are_the_long_form_of_the_conversations(small):
    assert list(long_form(rows_of(small, "conversations"))) == rows_of(small, "utterances")


def test_a_full_folder_and_no_participants_are_refused(small):
    with pytest.raises(FileExistsError):
        synthesize(small, participants=1)
    with pytest.raises(ValueError, match="at least one"):
        synthesize(small / "other", participants=0)


@pytest.mark.large
def test_a_release_of_prisms_size_has_prisms_rows_and_wide_form(tmp_path):
    written = synthesize(tmp_path / "release")
    assert vars(written) == {
        "survey": 1500,
        "conversations": 8011,
        "utterances": 68371,
        "metadata": 106554,
        "models": 21,
    }
    assert validate(tmp_path / "release").counts == {}
    utterances = rows_of(tmp_path / "release", "utterances")
    assert sum(row["if_chosen"] for row in utterances) == TOTALS["chosen"]
    assert sum(row["model_response"] == "EMPTY STRING" for row in utterances) == TOTALS["empty"]
    wide = list(wide_form(utterances))
    assert (len(wide), {len(row) for row in wide}, len(wide_columns())) == (27_172, {41}, 41)
    assert list(long_again(wide)) == utterances


@pytest.mark.large
def test_a_release_of_prisms_size_has_prisms_flags(tmp_path):
    synthesize(tmp_path / "release")
    metadata = rows_of(tmp_path / "release", "metadata")
    counts = {name: Counter(row["column_id"] for row in metadata if row[name]) for name in ("pii_flag", "en_flag")}
    assert counts["pii_flag"] == FACTS["metadata"]["pii"]
    assert counts["en_flag"] == FACTS["metadata"]["english"]
    assert sum(row["moderation_flag"]["flagged"] for row in metadata) == 634
    assert len({row["language_flag"] for row in metadata}) == 59
    assert sum(row["pii_manual_flag"] is False for row in metadata) == 167
    survey, talks = rows_of(tmp_path / "release", "survey"), rows_of(tmp_path / "release", "conversations")
    assert [sum(row[f"included_in_{name}_REP"] for row in survey) for name in ("US", "UK")] == [230, 243]
    lacking = [sum(None in row[f"{name}_attributes"].values() for row in talks) for name in ("performance", "choice")]
    assert lacking == [1824, 1740]
