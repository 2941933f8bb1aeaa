"""The survey step: a topic a screen, every missing answer with its reason, nothing typed is lost."""

from typing import Any

import pytest
from django.test import Client

from elicit.models import Participant, SurveyAnswer
from elicit.survey_forms import SurveyForm
from elicit.surveys import InvalidAnswers, answers_of, first_open_part, save_answers, save_draft, survey_of
from tests.make import NOW, make_browser, make_consenting_participant, make_study

pytestmark = pytest.mark.django_db

MORE = "survey: {instrument: prism, parts: [use, habits, wishes]}\nclosing: {instrument: closing}\n"
NO_USE = {"lm_familiarity": "Not familiar at all", "lm_indirect_use": "No", "lm_direct_use": "No"}
WISHES = ("values", "creativity", "fluency", "factuality", "diversity", "safety", "personalisation", "helpfulness")


@pytest.fixture
def participant() -> Participant:
    return make_consenting_participant(make_study(steps="consent, survey, closing", more=MORE))


def save(participant: Participant, part: str, raw: dict[str, Any]) -> bool:
    survey = survey_of(participant, "survey")
    return save_answers(participant, survey.part(part), raw, survey=survey, now=NOW).is_done


def value(participant: Participant, item: str) -> tuple[Any, str]:
    return SurveyAnswer.objects.filter(participant=participant, item=item).values_list("value", "null_reason").get()


def url(participant: Participant, page: str = "survey/") -> str:
    return f"/study/{participant.study.slug}/{page}"


def test_one_row_is_stored_for_each_item(participant: Participant) -> None:
    save(participant, "use", NO_USE)
    assert value(participant, "lm_familiarity") == ("Not familiar at all", "")
    assert participant.survey_answers.count() == 3


def test_a_missing_required_answer_stores_nothing_of_the_page(participant: Participant) -> None:
    with pytest.raises(InvalidAnswers) as error:
        save(participant, "use", {"lm_familiarity": "Very familiar"})
    assert set(error.value.problems) == {"lm_indirect_use", "lm_direct_use"}
    assert not participant.survey_answers.exists()


def test_an_answer_that_is_no_option_is_refused(participant: Participant) -> None:
    with pytest.raises(InvalidAnswers):
        save(participant, "use", {**NO_USE, "lm_direct_use": "Perhaps"})


def test_saving_again_replaces_the_answer(participant: Participant) -> None:
    save(participant, "use", NO_USE)
    save(participant, "use", {**NO_USE, "lm_familiarity": "Very familiar"})
    assert value(participant, "lm_familiarity")[0] == "Very familiar"
    assert participant.survey_answers.filter(item="lm_familiarity").count() == 1


def test_hidden_items_are_stored_as_not_shown_when_the_survey_ends(participant: Participant) -> None:
    finish(participant)
    assert value(participant, "lm_usecases") == (None, "not_shown")


def test_an_optional_item_that_is_left_open_is_stored_as_skipped(participant: Participant) -> None:
    closing = survey_of(participant, "closing")
    save_answers(participant, closing.parts[0], {}, survey=closing, now=NOW)
    assert value(participant, "closing_comment") == (None, "skipped")


def finish(participant: Participant) -> bool:
    save(participant, "use", NO_USE)
    return save(participant, "wishes", {"stated_prefs": dict.fromkeys(WISHES, "70"), "system_string": "Be kind."})


def test_the_last_part_ends_the_step(participant: Participant) -> None:
    assert finish(participant)
    assert participant.steps.get(key="survey").state == "done"


def test_an_unset_slider_is_not_an_answer(participant: Participant) -> None:
    save(participant, "use", NO_USE)
    with pytest.raises(InvalidAnswers):
        save(participant, "wishes", {"stated_prefs": {"values": "50"}, "system_string": "Be kind."})


def test_the_other_slider_may_stay_unset_and_is_stored_as_nothing(participant: Participant) -> None:
    finish(participant)
    stored = value(participant, "stated_prefs")[0]
    assert stored["other"] is None and stored["values"] == 70


def test_the_order_in_which_options_were_seen_is_stored(participant: Participant) -> None:
    finish(participant)
    order = SurveyAnswer.objects.get(participant=participant, item="stated_prefs").option_order
    assert sorted(order[:-1]) == sorted(WISHES) and order[-1] == "other"


def test_a_draft_keeps_an_unfinished_answer_and_does_not_count_as_done(participant: Participant) -> None:
    save(participant, "use", NO_USE)
    survey = survey_of(participant, "survey")
    save_draft(participant, survey.part("wishes"), {"stated_prefs": {"values": "10"}}, survey=survey)
    assert value(participant, "stated_prefs")[0]["values"] == 10
    assert first_open_part(survey, answers_of(participant, survey)).key == "wishes"


def test_a_draft_says_what_could_never_be_stored_and_keeps_the_rest(participant: Participant) -> None:
    survey = survey_of(participant, "survey")
    raw = {"stated_prefs": {"values": "999"}, "system_string": "Be kind."}
    assert set(save_draft(participant, survey.part("wishes"), raw, survey=survey)) == {"stated_prefs"}
    assert value(participant, "system_string")[0] == "Be kind."


def test_a_draft_writes_no_row_for_what_was_not_touched(participant: Participant) -> None:
    survey = survey_of(participant, "survey")
    save_draft(participant, survey.part("use"), {"lm_direct_use": "Yes"}, survey=survey)
    assert list(participant.survey_answers.values_list("item", flat=True)) == ["lm_direct_use"]


def test_an_answer_that_a_later_one_hides_stays_until_the_step_ends(participant: Participant) -> None:
    save(participant, "use", {**NO_USE, "lm_direct_use": "Yes"})
    save(participant, "habits", {"lm_frequency_use": "Every day", "lm_usecases": {"research": "1"}})
    save(participant, "use", NO_USE)
    assert value(participant, "lm_frequency_use")[0] == "Every day"
    finish(participant)
    assert value(participant, "lm_frequency_use") == (None, "not_shown")


def browser(participant: Participant) -> Client:
    return make_browser(participant)


def test_sliders_start_unset_on_the_page(participant: Participant) -> None:
    save(participant, "use", NO_USE)
    page = browser(participant).get(url(participant, "survey/?part=wishes")).content.decode()
    assert page.count('type="number"') == 9
    assert 'type="number" inputmode="numeric" name="stated_prefs__values"' in page and 'value="50"' not in page


def test_an_error_keeps_what_was_typed(participant: Participant) -> None:
    save(participant, "use", NO_USE)
    data = {"part": "wishes", "stated_prefs__values": "33", "system_string": "Tell me <b>the truth</b>."}
    answer = browser(participant).post(url(participant), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="33"' in page and "Tell me &lt;b&gt;the truth&lt;/b&gt;." in page


def test_back_shows_the_stored_answers(participant: Participant) -> None:
    save(participant, "use", NO_USE)
    page = browser(participant).get(url(participant, "survey/?part=use")).content.decode()
    assert page.count(" checked") == 3


def test_nobody_can_jump_ahead(participant: Participant) -> None:
    page = browser(participant).get(url(participant, "survey/?part=wishes")).content.decode()
    assert 'name="part" value="use"' in page


def test_the_pages_lead_through_to_the_end_of_the_study(participant: Participant) -> None:
    client = browser(participant)
    for part, data in (
        ("use", NO_USE),
        ("wishes", {**{f"stated_prefs__{key}": "5" for key in WISHES}, "system_string": "Be kind."}),
    ):
        client.post(url(participant), {"part": part, **data})
    answer = client.post(
        url(participant, "closing/"), {"part": "closing", "closing_comment": "Thank you."}, follow=True
    )
    participant.refresh_from_db()
    assert participant.finished_at is not None
    assert answer.redirect_chain[-1][0].endswith("/done/")


def test_the_page_saves_itself_while_it_is_filled_in(participant: Participant) -> None:
    client = browser(participant)
    answer = client.post(url(participant, "survey/draft/"), {"part": "use", "lm_direct_use": "Yes"})
    assert answer.status_code == 200 and value(participant, "lm_direct_use")[0] == "Yes"
    answer = client.post(url(participant, "survey/draft/"), {"part": "use", "lm_direct_use": "x"})
    assert set(answer.json()["problems"]) == {"lm_direct_use"}


def test_the_survey_of_another_is_not_reached(participant: Participant) -> None:
    assert Client().get(url(participant)).status_code == 404


def test_the_form_names_no_option_as_chosen_before_it_is(participant: Participant) -> None:
    survey = survey_of(participant, "survey")
    form = SurveyForm(survey.parts[0].items, language="en", seed=1, answers={})
    assert "checked" not in "".join(str(row) for block in form.blocks() for row in block.rows)
