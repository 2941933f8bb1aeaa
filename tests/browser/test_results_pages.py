"""The pages of results in a real browser, with people who answered and rated: both schemes, two windows, with axe."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from elicit.models import Conversation, Study, SurveyAnswer, Utterance
from tests.browser.watching import assert_accessible, assert_fits
from tests.elicit.results.answered import answer, people, rate
from tests.make import NOW, make_member, make_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WINDOWS = [(1280, 860), (390, 844)]
PAGES = {
    "answers": "",
    "models": "models/",
    "groups": "groups/",
    "groups of countries": "groups/?by=reside_country",
    "who is missing": "missing/",
    "time and pay": "pay/",
    "worth a look": "quality/",
}
DESIGN = """\
survey: {instrument: prism, batteries: [attention]}
census: [{target: us_2022, participants: 100}]
pay: {amount: 3, currency: GBP, least_per_hour: 12}
conversation:
  count: 2
  turns: 2
  models: [offline/plain, offline/questions, offline/steps, offline/warm]
  society_rating: true
  own_instructions: 0.5
  types: [{key: unguided, title: Anything, text: Whatever you like.}]
  anchors:
    count: 1
    raters: 200
    prompts: [{key: day, type: unguided, text: "What is a good day?"}]
"""
MODELS = {"offline/plain": 40, "offline/questions": 55, "offline/steps": 60, "offline/warm": 70}
AGES = ["18-24 years old", "25-34 years old", "65+ years old"]
ROWS = ["values", "creativity", "fluency", "factuality", "diversity", "safety", "personalisation", "helpfulness"]
TEXT = "What matters to me is that a machine says plainly when it does not know"
COUNT = 120


@pytest.fixture
def demo() -> Study:
    """A study of 120 people who answered, rated each model and opened with a shared prompt."""
    study, random = make_study(slug="rated", steps="consent, survey, conversations", more=DESIGN), Random(1)
    who = people(study, COUNT)
    for number, one in enumerate(who):
        age = AGES[number % 3] if number % 40 else "Prefer not to say"
        answer([one], "age", age)
        answer([one], "stated_prefs", {row: 70 if number == 7 else random.randrange(101) for row in ROWS})
        scores = {model: middle + random.randrange(-25, 26) for model, middle in MODELS.items()}
        scores["offline/warm"] -= 40 * (age == AGES[2])
        rate([one], scores, at=NOW + timedelta(minutes=number))
    answer(who, "reside_country", "US")
    answer(who[:60], "gender", "Female")
    answer(who[60:], "gender", "Male")
    answer(who[:2], "self_description", TEXT)
    write_more(random)
    SurveyAnswer.objects.filter(item="age").update(handling={"seconds": 4.0, "touched": True})
    return study


def write_more(random: Random) -> None:
    """Give answers words of their own, a worth for everybody, and a second one under the person's instructions."""
    Conversation.objects.update(arm="own_system", anchor="day")
    answers = list(Utterance.objects.all())
    for one in answers:
        words = random.randrange(5, 60)
        one.text = "\n".join(["Some words. "] * words) if words % 2 else "Some words. " * words
        one.society_score = max(1, min(100, one.score + random.randrange(-20, 10)))
    Utterance.objects.bulk_update(answers, ["text", "society_score"])
    Utterance.objects.bulk_create(
        Utterance(
            exchange_id=one.exchange_id, position=one.position + 4, model_name=one.model_name, propensity=0.5,
            text="Mine", score=min(100, one.score + random.randrange(-10, 20)), system="own",
        )
        for one in answers
        if one.position == 0
    )  # fmt: skip


@pytest.fixture
def signed_in(demo: Study, live_server: Any, open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens a watched page as the study's organizer."""
    client = Client()
    client.force_login(make_member(study=demo, username="ada"), backend="django.contrib.auth.backends.ModelBackend")

    def opened(**options: Any) -> Any:
        page = open_page(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return opened


def test_every_page_of_results_is_accessible_and_fits(signed_in: Callable[..., Any]):
    page = signed_in(reduced_motion="reduce")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in WINDOWS:
            page.set_viewport_size({"width": width, "height": height})
            for name, path in PAGES.items():
                assert page.goto(f"/organizer/rated/results/{path}").status == 200, name
                assert_accessible(page)
                assert_fits(page, width=width)
                assert page.complaints == [], name


def test_every_page_of_results_fits_the_narrowest_screen(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 320, "height": 640})
    for path in PAGES.values():
        page.goto(f"/organizer/rated/results/{path}")
        assert_fits(page)


def test_groups_are_chosen_by_another_question(signed_in: Callable[..., Any]):
    page = signed_in()
    page.goto("/organizer/rated/results/groups/")
    page.get_by_text("“65 or older” rate offline/warm lower than the others do").wait_for()
    page.get_by_label("Group people by").select_option("gender")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    page.get_by_text("Nothing: these people do not show").wait_for()


def test_a_flag_leads_to_the_person(signed_in: Callable[..., Any]):
    page = signed_in()
    page.goto("/organizer/rated/results/quality/")
    page.get_by_text("8 times in a row").wait_for()
    with page.expect_navigation():
        page.get_by_role("row", name="8 times in a row").get_by_role("link").click()
    assert "/participants/" in page.url
