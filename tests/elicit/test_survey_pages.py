"""A survey's page: every kind of question, reasons for no answer, how it was answered, pages that are out of date."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from elicit.models import Participant, SurveyAnswer
from elicit.my_data import answers_in_words, own_data, survey_answers
from elicit.survey_pages import minutes_for
from elicit.surveys import answers_of, shown_items, survey_of
from tests.make import make_browser
from tests.surveying import ANSWERED, make_asked, use_kinds

pytestmark = pytest.mark.django_db
OFFERED = re.compile(r'name="(\w+)__known" value="(\w*)"')


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_kinds(monkeypatch, tmp_path)


@pytest.fixture
def person() -> Participant:
    return make_asked()


@pytest.fixture
def client(person: Participant) -> Client:
    return make_browser(person)


def url(person: Participant, page: str = "") -> str:
    return f"/study/{person.study.slug}/survey/{page}"


def html(client: Client, person: Participant, part: str = "kinds") -> str:
    return client.get(url(person, f"?part={part}")).content.decode()


def known(client: Client, person: Participant) -> dict[str, str]:
    """Return what a page that is opened now says it was built on."""
    return {f"{name}__known": mark for name, mark in OFFERED.findall(html(client, person))}


def post(client: Client, person: Participant, page: str = "", **data: Any) -> Any:
    return client.post(url(person, page), {"part": "kinds", **data})


def draft(client: Client, person: Participant, **data: Any) -> dict[str, Any]:
    return dict(post(client, person, "draft/", **data).json())


def row(person: Participant, item: str) -> SurveyAnswer:
    return SurveyAnswer.objects.get(participant=person, item=item)


def stored(person: Participant, item: str) -> tuple[Any, str]:
    found = row(person, item)
    return found.value, found.null_reason


def test_each_kind_of_question_is_stored_in_its_shape(client: Client, person: Participant) -> None:
    post(client, person, **ANSWERED, home="KE", years="7", habits__walk="often", tools="axe", story="I went.")
    assert stored(person, "home") == ("KE", "")
    assert stored(person, "years") == (7, "")
    assert stored(person, "habits") == ({"walk": "often", "sing": None}, "")
    assert stored(person, "trust")[0] == {"people": 70, "papers": 0, "programs": 55}


def test_a_slider_that_was_placed_at_nought_is_an_answer(client: Client, person: Participant) -> None:
    draft(client, person, trust__papers="0")
    assert stored(person, "trust")[0]["papers"] == 0


@pytest.mark.parametrize(("item", "choice"), [("years", "dont_know"), ("years", "refused"), ("trust", "refused")])
def test_a_reason_for_no_answer_is_stored_and_completes_the_question(
    client: Client, person: Participant, item: str, choice: str
) -> None:
    answer = post(client, person, colour="red", **{"trust__null": "refused", f"{item}__null": choice})
    assert stored(person, item) == (None, choice)
    assert answer.url.endswith("?part=mixed")


def test_a_reason_that_is_not_offered_is_not_taken(client: Client, person: Participant) -> None:
    post(client, person, **ANSWERED, home__null="dont_know", tools__null="refused")
    assert stored(person, "home") == (None, "skipped") and stored(person, "tools") == (None, "skipped")


def test_an_option_that_says_prefer_not_to_say_stays_a_value(client: Client, person: Participant) -> None:
    post(client, person, **{**ANSWERED, "colour": "none"})
    assert stored(person, "colour") == ("none", "")


def test_choosing_a_reason_erases_nothing_until_the_page_is_saved(client: Client, person: Participant) -> None:
    draft(client, person, story="I went to sea.", story__null="refused")
    assert stored(person, "story") == ("I went to sea.", "")
    post(client, person, **ANSWERED, story="I went to sea.", story__null="refused")
    assert stored(person, "story") == (None, "refused")


def test_leaving_the_page_counts_as_saving_it(client: Client, person: Participant) -> None:
    draft(client, person, story="I went to sea.", story__null="refused", is_leaving="1")
    assert stored(person, "story") == (None, "refused")


def test_a_reason_is_ticked_when_the_page_is_opened_again(client: Client, person: Participant) -> None:
    draft(client, person, years__null="dont_know")
    assert 'name="years__null" value="dont_know" id="id_years__null_0" checked' in html(client, person)


def test_how_it_was_answered_is_stored_beside_the_answer(client: Client, person: Participant) -> None:
    told = {"trust__people": {"touched": True, "seconds": 3.4, "changes": 2, "pasted": 0}, "story": {"pasted": 12}}
    post(client, person, **ANSWERED, story="I went.", handling=json.dumps(told))
    assert row(person, "trust").handling["people"]["seconds"] == 3.4
    assert row(person, "story").handling["pasted"] == 12


@pytest.mark.parametrize("nonsense", ["", "null", "[1]", "{", '{"colour": {"seconds": "NaN"}}', "9" * 30_000])
def test_an_answer_is_stored_whatever_the_browser_tells(client: Client, person: Participant, nonsense: str) -> None:
    assert post(client, person, **ANSWERED, handling=nonsense).status_code == 302
    assert stored(person, "colour") == ("red", "")


def test_a_page_that_is_opened_again_goes_on_with_what_was_told_before(client: Client, person: Participant) -> None:
    told = {"colour": {"touched": True, "seconds": 2.0, "changes": 1, "pasted": 0}}
    draft(client, person, colour="red", handling=json.dumps(told))
    assert "&quot;seconds&quot;:2.0" in html(client, person)


def test_looking_at_an_answer_again_does_not_change_when_it_was_given(client: Client, person: Participant) -> None:
    draft(client, person, colour="red")
    before = row(person, "colour").answered_at
    draft(client, person, colour="red", handling=json.dumps({"colour": {"seconds": 9}}))
    assert row(person, "colour").answered_at == before
    assert row(person, "colour").handling["seconds"] == 9


def test_items_stand_in_the_persons_own_order_on_every_visit() -> None:
    orders = set()
    for seed in range(1, 9):
        person = make_asked(seed=seed)
        client = make_browser(person)
        post(client, person, **ANSWERED)
        names = [name for name, _mark in OFFERED.findall(html(client, person, "mixed"))]
        assert names == [name for name, _mark in OFFERED.findall(html(client, person, "mixed"))]
        orders.add(tuple(names))
    assert len(orders) > 3 and all(sorted(names) == ["four", "one", "three", "two"] for names in orders)


def test_the_place_and_the_order_of_options_are_stored_as_they_were_seen(client: Client, person: Participant) -> None:
    seen = re.findall(r'name="trust__(\w+)" id', html(client, person))
    post(client, person, **ANSWERED)
    client.post(url(person), {"part": "mixed", "one": "a", "two": "b"})
    assert row(person, "trust").option_order == seen
    survey = survey_of(person, "survey")
    order = [item.name for item in shown_items(survey, survey.parts[1], {})]
    assert [row(person, name).place for name in order] == [1, 2, 3, 4]


def test_an_old_page_does_not_put_back_what_was_changed_elsewhere(client: Client, person: Participant) -> None:
    draft(client, person, colour="red", years="7")
    old = known(client, person)
    draft(client, person, **old, colour="red", years="8")
    draft(client, person, **old, colour="red", years="7", story="I went.")
    assert stored(person, "years") == (8, "") and stored(person, "story") == ("I went.", "")


def test_what_two_pages_changed_is_said_and_kept_until_the_person_decides(client: Client, person: Participant) -> None:
    old = known(client, person)
    post(client, person, **old, **ANSWERED, years="8")
    told = draft(client, person, **old, **ANSWERED, years="9")
    assert set(told["problems"]) == {"years"} and "years" not in told["known"]
    answer = post(client, person, **old, **ANSWERED, years="9")
    assert answer.status_code == 422 and "“8 years”" in answer.content.decode()
    assert stored(person, "years") == (8, "")
    again = {f"{name}__known": mark for name, mark in OFFERED.findall(answer.content.decode())}
    assert post(client, person, **again, **ANSWERED, years="9").status_code == 302
    assert stored(person, "years") == (9, "")


def test_a_wrong_answer_elsewhere_on_an_old_page_does_not_make_it_new(client: Client, person: Participant) -> None:
    old = known(client, person)
    post(client, person, **old, **ANSWERED, years="8")
    answer = post(client, person, **old, **{**ANSWERED, "colour": ""}, years="")
    again = {f"{name}__known": mark for name, mark in OFFERED.findall(answer.content.decode())}
    assert again["years__known"] == old["years__known"]
    post(client, person, **again, **ANSWERED, years="")
    assert stored(person, "years") == (8, "")


def test_sending_the_same_page_twice_changes_nothing(client: Client, person: Participant) -> None:
    old = known(client, person)
    first = post(client, person, **old, **ANSWERED)
    before = list(person.survey_answers.order_by("pk").values("item", "value", "answered_at"))
    second = post(client, person, **old, **ANSWERED)
    assert second.url == first.url
    assert list(person.survey_answers.order_by("pk").values("item", "value", "answered_at")) == before


def test_the_last_page_may_be_sent_twice(client: Client, person: Participant) -> None:
    post(client, person, **ANSWERED)
    assert client.post(url(person), {"part": "mixed"}).url.endswith("/closing/")
    assert client.post(url(person), {"part": "mixed"}).url.endswith("/closing/")


def test_without_scripts_a_question_that_an_answer_brings_up_is_shown_before_going_on(
    client: Client, person: Participant
) -> None:
    answer = post(client, person, **known(client, person), **{**ANSWERED, "colour": "blue"})
    assert answer.url.endswith("?part=kinds&more=1")
    page = client.get(answer.url).content.decode()
    assert 'name="shade"' in page and "brought up another question" in page and "error-summary" not in page
    data = {**known(client, person), **ANSWERED, "colour": "blue", "shade": "Ink"}
    assert post(client, person, **data).url.endswith("?part=mixed")
    assert stored(person, "shade") == ("Ink", "")


def test_a_draft_names_what_is_shown_now_and_the_page_fetches_it(client: Client, person: Participant) -> None:
    told = draft(client, person, **known(client, person), colour="blue")
    assert told["shown"][:2] == ["colour", "shade"]
    fragment = client.get(url(person, "?part=kinds"), headers={"X-Fragment": "1"}).content.decode()
    assert 'name="shade"' in fragment and "<form" not in fragment and "<html" not in fragment


def test_a_page_that_did_not_show_a_question_never_clears_its_answer(client: Client, person: Participant) -> None:
    draft(client, person, colour="blue")
    draft(client, person, colour="blue", shade="Ink")
    draft(client, person, colour="red")
    old = known(client, person)
    assert "shade__known" not in old
    draft(client, person, **old, colour="blue")
    assert stored(person, "shade") == ("Ink", "")


def test_a_hidden_answer_is_kept_until_the_step_ends(client: Client, person: Participant) -> None:
    draft(client, person, colour="blue")
    draft(client, person, colour="blue", shade="Ink")
    post(client, person, **ANSWERED)
    assert stored(person, "shade") == ("Ink", "")
    client.post(url(person), {"part": "mixed"})
    assert stored(person, "shade") == (None, "not_shown")


def test_what_was_typed_before_another_answer_hid_it_is_kept(client: Client, person: Participant) -> None:
    draft(client, person, colour="blue")
    draft(client, person, **known(client, person), colour="red", shade="Ink")
    assert stored(person, "shade") == ("Ink", "")


def test_names_and_contact_data_in_free_text_are_noted_and_never_refused(client: Client, person: Participant) -> None:
    words = "I asked my friend Aylin, write to a.b@example.org"
    told = draft(client, person, story=words, tools=["other"], tools__other_text="see www.example.org")
    assert stored(person, "story") == (words, "")
    assert row(person, "story").checks == {"pii": ["name", "personal_data"]}
    assert row(person, "tools").checks == {"pii": ["personal_data"]}
    assert "“Aylin”" in told["hints"]["story"] and "You may want to take it out" in html(client, person)


def test_the_hint_goes_when_the_words_go(client: Client, person: Participant) -> None:
    draft(client, person, story="Write to a.b@example.org")
    told = draft(client, person, story="I went.")
    assert row(person, "story").checks == {} and told["hints"]["story"] == ""


def test_batteries_follow_as_further_pages_and_keep_their_own_names() -> None:
    person = make_asked(more="survey: {instrument: prism, parts: [use], batteries: [politics, disability]}")
    survey = survey_of(person, "survey")
    assert [part.key for part in survey.parts] == ["use", "politics", "disability"]
    client = make_browser(person)
    use = {"lm_familiarity": "Very familiar", "lm_indirect_use": "No", "lm_direct_use": "No"}
    assert client.post(url(person), {"part": "use", **use}).url.endswith("?part=politics")
    client.post(url(person), {"part": "politics", "politics_left_right__null": "refused"})
    assert row(person, "politics_left_right").instrument == "politics"
    assert "Page 3 of 3" in html(client, person, "disability")
    assert client.post(url(person), {"part": "disability"}).url.endswith("/closing/")
    assert set(answers_of(person, survey)) == {item.name for part in survey.parts for item in part.items}


def test_nothing_on_the_page_marks_an_attention_item_and_a_wrong_answer_leads_on() -> None:
    person = make_asked(more="survey: {instrument: prism, parts: [use], batteries: [attention]}")
    client = make_browser(person)
    use = {"lm_familiarity": "Very familiar", "lm_indirect_use": "No", "lm_direct_use": "No"}
    client.post(url(person), {"part": "use", **use})
    survey = survey_of(person, "survey")
    item, *others = survey.parts[1].items
    wrong = next(option.value for option in item.options if option.value != item.attention)
    sliders = {f"{other.name}__{option.value}": "1" for other in others for option in other.options}
    answer = client.post(url(person), {"part": survey.parts[1].key, item.name: wrong, **sliders})
    assert answer.url.endswith("/closing/") and stored(person, item.name) == (wrong, "")
    assert row(person, item.name).checks == {}


def test_a_long_text_is_not_cut_and_its_length_is_said(client: Client, person: Participant) -> None:
    page = html(client, person)
    assert "maxlength" not in re.search(r"<textarea[^>]*>", page)[0] and 'data-count="400"' in page  # type: ignore[index]
    assert "shorten" in draft(client, person, story="x" * 401)["problems"]["story"]


def test_a_number_that_cannot_be_is_kept_as_it_was_typed(client: Client, person: Participant) -> None:
    answer = post(client, person, **ANSWERED, years="about 20")
    assert answer.status_code == 422 and 'value="about 20"' in answer.content.decode()


def test_errors_lead_to_their_fields(client: Client, person: Participant) -> None:
    page = post(client, person, colour="red", trust__people="5").content.decode()
    assert re.search(r'<a href="#id_trust__(papers|programs)">', page)
    assert 'id="id_trust__papers"' in page


def test_a_page_says_how_long_it_still_takes(client: Client, person: Participant) -> None:
    first, last = survey_of(person, "survey").parts
    assert minutes_for([*first.items, *last.items]) > minutes_for(last.items) >= 1
    assert "minutes left" in html(client, person) and "come back with your link" in html(client, person)


def test_a_page_takes_few_queries(client: Client, person: Participant, django_assert_max_num_queries: Any) -> None:
    post(client, person, **ANSWERED)
    with django_assert_max_num_queries(10):
        client.get(url(person, "?part=kinds"))
    with django_assert_max_num_queries(16):
        draft(client, person, colour="blue", story="I went.", years="3")


def test_a_person_reads_and_takes_home_answers_in_words(client: Client, person: Participant) -> None:
    post(client, person, **ANSWERED, home="KE", years="7", habits__walk="often", story__null="refused")
    words = dict(answers_in_words(survey_answers(person), "en"))
    assert words["Which country?"] == "Kenya" and words["How many years?"] == "7 years"
    assert words["How often?"] == "Walking: Often" and words["What happened?"] == "You chose not to say"
    assert words["How much do you trust?"] == "People: 70; Papers: 0; Programs: 55"
    home = next(answer for answer in own_data(person)["survey"] if answer["item"] == "home")
    assert home["question"] == "Which country?" and home["place"] == 3
