import pycountry
import pytest

from elicit.prism import schema
from elicit.prism.published import published
from elicit.prism.schema import CONVERSATIONS, METADATA, MODELS, PUBLISHED_MODELS, SURVEY, UTTERANCES


def test_the_five_files_have_their_published_number_of_fields():
    files = (SURVEY, CONVERSATIONS, UTTERANCES, METADATA, MODELS)
    assert [len(spec.fields) for spec in files] == [32, 13, 14, 10, 15]


def test_the_survey_unnests_to_106_columns():
    nested = [field for field in SURVEY.fields if field.keys]
    assert (len(nested), sum(len(field.keys) for field in nested)) == (7, 74)
    assert 32 + 74 == 106


def test_use_cases_keep_their_order_and_the_one_hyphen():
    assert len(schema.USE_CASES) == 19
    assert schema.USE_CASES[11] == "well-being_guidance"
    assert schema.USE_CASES[-1] == "other"


def test_fields_with_fixed_answers_know_them():
    assert "Less than one a year" in SURVEY.field("lm_frequency_use").enum
    assert SURVEY.field("religion.simplified").enum[0] == "No Affiliation"


def test_every_published_country_has_its_iso_name():
    names = {schema.country_name(code) for table in ("born", "reside") for code in published()[table]}
    allowed = {*SURVEY.field("location.birth_country").enum, *SURVEY.field("location.reside_country").enum}
    assert names == allowed


def test_every_country_has_a_region():
    assert set(schema.regions()) == {country.alpha_3 for country in pycountry.countries}


@pytest.mark.parametrize("field", ["birth", "reside"])
def test_published_countries_have_the_published_subregions(field):
    codes = published()["born" if field == "birth" else "reside"]
    found = {schema.location(code, code)[f"{field}_subregion"] for code in codes}
    assert found == set(SURVEY.field(f"location.{field}_subregion").enum)


def test_special_regions_add_up_as_published_by_country_of_birth():
    counts = dict.fromkeys(published()["special_region"], 0)
    for code, number in published()["born"].items():
        counts[schema.special_region(code)] += number
    assert counts == published()["special_region"]


@pytest.mark.parametrize(
    ("name", "code"), [("Hong Kong (S.A.R.)", "HKG"), ("Venezuela", "VEN"), ("Turkey", "TUR"), ("Hong Kong", "HKG")]
)
def test_the_three_hand_fixes_find_their_country(name, code):
    assert schema.country_code(name) == code


def test_an_unknown_country_is_refused():
    with pytest.raises(LookupError, match="Atlantis"):
        schema.country_code("Atlantis")


def test_a_refused_country_makes_the_comparison_a_refusal():
    assert schema.location("Prefer not to say", "FRA")["same_birth_reside_country"] == "Prefer not to say"


def test_there_are_21_models_12_of_them_commercial():
    kinds = [model.model_provider_type for model in PUBLISHED_MODELS]
    assert (len(kinds), kinds.count("Commerical"), kinds.count("Open Access")) == (21, 12, 9)


def test_providers_are_spelled_differently_in_the_two_files():
    assert schema.PROVIDER_SPELLINGS["huggingface_api"] == "HuggingFace-API"
    assert set(schema.PROVIDER_SPELLINGS) == set(UTTERANCES.field("model_provider").enum)
    assert set(schema.PROVIDER_SPELLINGS.values()) == set(MODELS.field("model_provider").enum)


def test_models_and_enumerations_name_the_same_models():
    assert {model.long_name for model in PUBLISHED_MODELS} == set(UTTERANCES.field("model_name").enum)
    assert [model.short_name for model in PUBLISHED_MODELS] == list(MODELS.field("short_name").enum)
    assert {model.selected_params["temperature"] for model in PUBLISHED_MODELS} == {"1.0"}
