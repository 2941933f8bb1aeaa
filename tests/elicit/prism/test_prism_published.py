"""PRISM's published numbers against each other: no row is needed for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elicit.prism.published import published, scaled
from elicit.prism.schema import SIMPLIFIED_ETHNICITY, SIMPLIFIED_RELIGION, SURVEY

FACTS = published()
TOTALS = FACTS["totals"]
ASKED_OF_ALL = [name for name in FACTS["survey"] if name != "lm_frequency_use"]


@pytest.mark.parametrize("name", [*ASKED_OF_ALL])
def test_each_table_of_the_survey_adds_up_to_everybody(name):
    assert sum(FACTS["survey"][name].values()) == 1500


@pytest.mark.parametrize("name", FACTS["survey"])
def test_each_table_has_the_values_of_the_schema(name):
    nested = name in ("religion", "ethnicity")
    assert set(FACTS["survey"][name]) == set(SURVEY.field(f"{name}.categorised" if nested else name).enum)


def test_247_people_were_not_shown_what_follows_from_use():
    assert sum(FACTS["survey"]["lm_frequency_use"].values()) == FACTS["uses"]["shown"] == 1500 - 247


def test_the_codebooks_use_cases_are_247_too_high():
    assert FACTS["use_cases"]["research"] + 247 == 864
    assert round(100 * FACTS["use_cases"]["research"] / 1253, 1) == 49.2


def test_countries_add_up_and_no_more_than_1357_could_have_stayed():
    born, reside = FACTS["born"], FACTS["reside"]
    assert sum(born.values()) == sum(reside.values()) == 1500
    assert (len(born) - 1, len(reside) - 1) == (74, 37)
    assert sum(min(count, reside.get(code, 0)) for code, count in born.items()) == 1357


def test_179_country_strings_differ_but_the_flag_says_177():
    refused_birth, refused_both = 3, 1
    assert FACTS["same_country"]["No"] + (refused_birth - refused_both) == 179
    assert round(100 * 179 / 1500, 2) == 11.93


@pytest.mark.parametrize(
    ("name", "simplified", "wanted"),
    [
        ("religion", SIMPLIFIED_RELIGION, {"No Affiliation": 851, "Christian": 487, "Other": 30, "Muslim": 31}),
        ("ethnicity", SIMPLIFIED_ETHNICITY, {"White": 969, "Black": 122, "Other": 39, "Prefer not to say": 86}),
    ],
)
def test_simplified_categories_have_their_published_counts(name, simplified, wanted):
    counts: dict[str, int] = {}
    for value, number in FACTS["survey"][name].items():
        counts[simplified[value]] = counts.get(simplified[value], 0) + number
    assert counts | wanted == counts


def test_104_people_only_answered_the_survey():
    histogram = FACTS["conversations"]["per_participant"]
    assert histogram[0] == TOTALS["survey_only"] == 1500 - 1396
    assert sum(number * people for number, people in histogram.items()) == 8011


def test_people_with_conversations_have_5739_thousandths_each():
    histogram = {n: people for n, people in FACTS["conversations"]["per_participant"].items() if n}
    mean = sum(n * people for n, people in histogram.items()) / 1396
    variance = sum((n - mean) ** 2 * people for n, people in histogram.items()) / 1396
    assert (round(mean, 3), round(variance**0.5, 3)) == (5.739, 0.980)


def test_types_add_up_to_the_conversations():
    assert 3113 + 2438 + 2460 == sum(FACTS["conversations"]["types"].values()) == 8011


def test_interactions_and_answers_add_up():
    later = 2 * (TOTALS["interactions"] - TOTALS["conversations"])
    assert (later, TOTALS["openings"] + later) == (38_322, 68_371)
    assert round(TOTALS["interactions"] / TOTALS["conversations"], 3) == 3.392
    assert round(TOTALS["openings"] / TOTALS["conversations"], 2) == 3.75


def test_longest_conversations_are_those_of_everybody_who_talked():
    assert sum(FACTS["conversations"]["longest"].values()) == 1396


def test_the_balanced_subset_is_three_times_2232():
    balanced = FACTS["conversations"]["balanced"]
    assert balanced["conversations"] == 3 * 2232
    assert 2 * 986 + 260 == 2232
    assert balanced["participants"] == 986 + 260


def test_an_odd_number_of_answers_needs_an_odd_number_of_odd_openings():
    reported = 1626
    assert TOTALS["openings"] % 2 == 1
    assert reported % 2 == 0


def test_one_split_of_openings_fits_everything_that_was_published():
    fitting = [
        (one, two, odd - one, 8011 - odd - two)
        for odd in (1625, 1627)
        for one in range(400)
        for two in range(400)
        if one + 2 * two + 3 * (odd - one) + 4 * (8011 - odd - two) == TOTALS["openings"]
        and two + 3 * (odd - one) + 6 * (8011 - odd - two) == TOTALS["battles"]
    ]
    assert fitting == [tuple(FACTS["responses"].values())]
    assert round(100 * 1625 / 8011, 1) == 20.3


def test_ties_split_both_ways_give_the_directed_comparisons():
    assert TOTALS["battles"] + TOTALS["ties"] == 49_700
    assert round(100 * TOTALS["ties"] / TOTALS["battles"], 2) == 17.48


def test_answers_by_model_and_provider_add_up():
    assert sum(FACTS["utterances_by_model"].values()) == sum(FACTS["utterances_by_provider"].values()) == 68_371


def test_265_more_answers_are_chosen_than_there_are_interactions():
    assert TOTALS["chosen"] - TOTALS["interactions"] == TOTALS["twins"] == 265
    assert TOTALS["utterances"] - TOTALS["chosen"] == 40_934


def test_metadata_has_a_row_for_every_text():
    assert 2 * 1500 + 8011 + 27_172 + 68_371 == TOTALS["metadata"] == 106_554
    assert sum(FACTS["metadata"]["rows"].values()) == 106_554


def test_metadata_flags_add_up():
    flags = FACTS["metadata"]
    assert [sum(flags[name].values()) for name in ("pii", "english", "flagged")] == [1111, 105_229, 634]
    assert sum(flags["pii"].values()) - flags["pii"]["model_response"] == 167


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 500), min_size=1), st.integers(0, 3000))
def test_scaled_tables_add_up_and_stay_near_their_share(counts, total):
    parts = scaled(counts, total)
    whole = sum(counts.values())
    assert sum(parts.values()) == (total if whole else 0)
    assert all(abs(parts[key] - count * total / max(1, whole)) < 1 for key, count in counts.items())
