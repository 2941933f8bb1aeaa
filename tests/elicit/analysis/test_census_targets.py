import pytest

from elicit.analysis.census import available_targets, census_target

HISPANIC_ADULTS = 44_821_626  # B01001I
ADULTS_OF_DP05 = 260_961_960
UK_PRINTED_MARGIN = [10.501639, 17.054416, 16.390989, 16.761321, 15.855642, 23.435993]
US_PRINTED_MARGIN = [12.495711, 17.813463, 17.317867, 15.76613, 15.745919, 20.86091]


@pytest.mark.parametrize("key", available_targets())
def test_every_margin_adds_up_to_one(key):
    margins = census_target(key).margins
    assert set(margins) == {"age", "ethnicity", "sex"}
    assert all(sum(lines.values()) == pytest.approx(1, abs=1e-12) for lines in margins.values())


@pytest.mark.parametrize("key", available_targets())
def test_every_source_says_table_date_and_licence(key):
    for source in census_target(key).sources:
        assert all((source.table, source.published, source.licence, source.attribution, source.address, source.gives))


@pytest.mark.parametrize(
    ("key", "printed"), [("uk_2021", UK_PRINTED_MARGIN), ("us_2022_as_published", US_PRINTED_MARGIN)]
)
def test_the_ages_are_the_printed_ones(key, printed):
    shares = [100 * share for share in census_target(key).margins["age"].values()]
    assert shares == pytest.approx(printed, abs=1e-5)


def test_england_and_wales_are_the_printed_families():
    shares = census_target("uk_2021").margins["ethnicity"]
    assert 100 * shares["White"] == pytest.approx(43.268915 + 40.625374, abs=1e-5)
    assert 100 * shares["Black"] == pytest.approx(1.972360 + 1.692452, abs=1e-5)


def test_the_published_american_table_counts_hispanic_people_twice():
    tables = census_target("us_2022_as_published").tables
    excess = sum(tables.values()) - ADULTS_OF_DP05
    assert sum(tables.values()) == census_target("us_2022_as_published").adults == 298_477_760
    assert excess == 37_515_800
    assert (
        0 < HISPANIC_ADULTS - excess < 10_735_941
    )  # what is left are White Hispanic adults; at all ages DP05 has more


def test_the_published_american_table_inflates_other_and_deflates_white():
    published, right = census_target("us_2022_as_published").margins, census_target("us_2022").margins
    assert 100 * published["ethnicity"]["Other"] == pytest.approx(21.945417, abs=1e-5)
    assert 100 * published["ethnicity"]["White"] == pytest.approx(52.888614, abs=1e-5)
    assert right["ethnicity"]["White"] == pytest.approx(157_860_752 / ADULTS_OF_DP05)


def test_the_published_cells_give_back_the_counts_of_their_tables():
    target = census_target("us_2022_as_published")
    for line, table in [("White", "B01001H"), ("Black", "B01001B"), ("Asian", "B01001D"), ("Mixed", "B01001G")]:
        people = next(count for name, count in target.tables.items() if table in name)
        assert target.margins["ethnicity"][line] * target.adults == pytest.approx(people, abs=20)


def test_the_wrong_table_warns_and_the_right_ones_do_not():
    assert "Use us_2022" in census_target("us_2022_as_published").warning
    assert not census_target("us_2022").warning
    assert not census_target("uk_2021").warning


def test_estimates_lie_within_their_exact_bounds():
    target = census_target("us_2022")
    lines = target.margins["ethnicity"]
    assert set(target.bounds["ethnicity"]) == {"Black", "Asian", "Mixed or other"}
    assert all(least < lines[line] < most for line, (least, most) in target.bounds["ethnicity"].items())
    assert all(most - least < 0.005 for least, most in target.bounds["ethnicity"].values())


def test_the_estimates_take_the_hispanic_share_of_all_ages_out_of_the_adults():
    lines = census_target("us_2022").margins["ethnicity"]
    black = 30_937_583 * 39_582_961 / 40_603_656  # B01001B, adults; DP05, not Hispanic and all, at all ages
    asian = 15_952_896 * 19_415_251 / 19_696_980
    assert lines["Black"] * ADULTS_OF_DP05 == pytest.approx(black, abs=1)
    assert lines["Asian"] * ADULTS_OF_DP05 == pytest.approx(asian, abs=1)


def test_the_youngest_adults_are_those_who_are_not_twenty_five():
    older = 45_233_264 + 44_047_644 + 40_476_446 + 20_553_615 + 21_573_853 + 57_822_315
    assert census_target("us_2022").margins["age"]["18-24"] * ADULTS_OF_DP05 == pytest.approx(ADULTS_OF_DP05 - older)


def test_people_are_placed_as_each_census_counts_them():
    answers = ["Middle Eastern / Arab", "Hispanic / Latino", "Mixed", "Prefer not to say", None]
    assert census_target("us_2022").place("ethnicity", answers) == ("White", "Hispanic", "Mixed or other", None, None)
    assert census_target("uk_2021").place("ethnicity", answers) == ("Other", "Other", "Mixed", None, None)


def test_non_binary_people_have_no_line_and_are_kept_as_unknown():
    assert census_target("uk_2021").place("sex", ["Female", "Non-binary / third gender"]) == ("Female", None)


def test_an_unknown_table_names_those_that_exist():
    with pytest.raises(KeyError, match="us_2022_as_published"):
        census_target("fr_1999")
