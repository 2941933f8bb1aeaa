"""From a participant's link to a model card: the whole house in one walk."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from elicit.jobs import run_queued_jobs
from elicit.models import Conversation, Origin, Participant, Study, SurveyAnswer, Utterance, ValuesCard
from elicit.simulating import simulate
from elicit.simulation import load_personas
from elicit.studies import load_study, open_study
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.models import Judgement
from moralgraph.reports import reasons_against
from tests.make import NOW, make_member
from tests.small_recipe import SMALL
from training import recipes
from training.datasets import example_blocks, request_dataset
from training.demo import report_of
from training.runs import request_run

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DEMO = Path(__file__).resolve().parent.parent / "studies" / "demo.yaml"
PEOPLE = 3


@pytest.fixture
def walked() -> Study:
    """The demo study after three simulated people have walked it."""
    study = open_study(load_study(DEMO, now=NOW))
    simulate(study, list(load_personas())[:PEOPLE], seed=0, now=NOW)
    return study


def test_simulated_people_finish_every_step_through_the_real_pages(walked: Study):
    people = Participant.objects.of_study(walked)
    assert people.filter(finished_at__isnull=False, origin=Origin.SIMULATED).count() == PEOPLE
    assert ValuesCard.objects.of_study(walked).confirmed().count() == PEOPLE
    assert Judgement.objects.of_study(walked).exclude(answer="").count() == 5 * PEOPLE
    assert Conversation.objects.of_study(walked).filter(state="finished").count() == 2 * PEOPLE
    assert SurveyAnswer.objects.of_study(walked).filter(value__isnull=False).count() > 10 * PEOPLE


def test_everything_they_leave_is_marked_simulated(walked: Study):
    assert set(ValuesCard.objects.of_study(walked).values_list("origin", flat=True)) == {Origin.SIMULATED}
    assert set(Judgement.objects.of_study(walked).values_list("origin", flat=True)) == {Origin.SIMULATED}
    assert freeze_newest_target(walked, now=NOW).content["labels"] == ["simulated"]


def test_answers_were_rated_blind_and_one_was_chosen(walked: Study):
    rated = Utterance.objects.of_study(walked).filter(score__isnull=False)
    assert rated.count() > 4 * PEOPLE
    assert rated.filter(is_chosen=True).count() >= 2 * PEOPLE
    assert all(0 < utterance.propensity <= 1 for utterance in rated)


def test_their_answers_become_a_draft_of_a_report_that_is_never_public(walked: Study, client: Client):
    report = report_of(walked, now=NOW)
    assert report == report_of(walked, now=NOW)
    assert report.content["tables"]["people"]["finished"] == PEOPLE
    assert len(report.content["legitimacy"]) == 6
    assert reasons_against(report)
    assert client.get("/reports/demo/").status_code == 404


def test_walking_again_leaves_those_who_finished_alone(walked: Study):
    before = Judgement.objects.count()
    simulate(walked, list(load_personas())[:PEOPLE], seed=0, now=NOW)
    assert Judgement.objects.count() == before


def test_their_answers_become_a_model_with_its_evidence(
    walked: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, client: Client
):
    (tmp_path / "small.yaml").write_text(json.dumps(SMALL))
    monkeypatch.setattr(recipes, "FOLDER", tmp_path)
    dataset = request_dataset(freeze_newest_target(walked, now=NOW), recipe_name="small", seed=0)
    run_queued_jobs()
    dataset.refresh_from_db()
    run = request_run(dataset, recipe_name="small", seed=0)
    run_queued_jobs()
    run.refresh_from_db()
    assert run.error == ""
    assert dataset.summary["labels"] == ["simulated"]
    assert example_blocks(dataset)
    assert run.evaluation.report["kind"] == "pipeline check"
    card = run.evaluation.model_card.lower()
    assert "pipeline check" in card and "simulated" in card
    assert_pages_say_so(client, walked, run.number)


def assert_pages_say_so(client: Client, study: Study, number: int) -> None:
    """Every organizer page of the study says that its people are simulated."""
    client.force_login(make_member(study=study), backend="django.contrib.auth.backends.ModelBackend")
    for page in ("", "participants/", "graph/", f"training/runs/{number}/"):
        response: Any = client.get(f"/organizer/{study.slug}/{page}")
        assert response.status_code == 200
        assert "imulated" in response.content.decode(), page
