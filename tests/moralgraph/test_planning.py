"""A study that will mostly end undecided is warned of before it opens."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from elicit.checklist import checklist
from elicit.study_files import load_study_file
from moralgraph.planning import budget_of, wanted_people
from tests.make import make_study, study_text

STEPS = "consent, interview, values_card, judgements"
FEW = "planning: {participants: 50}\njudgements: {count: 3}\n"
MANY = "planning: {participants: 20000}\njudgements: {count: 20}\n"
PAID = "pay: {amount: 3, currency: GBP, least_per_hour: 9}\nspend_cap_usd: 100\nspend_caps: {participant_usd: 1}\n"


def points(more: str, steps: str = STEPS) -> dict[str, tuple[bool, str]]:
    return {point.label: (point.is_done, point.to_do) for point in checklist(make_study(steps=steps, more=more))}


def planned(*arguments: str) -> str:
    out = StringIO()
    call_command("plan_study", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def study_file(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(study_text(steps=STEPS, more=FEW + PAID))
    return str(path)


@pytest.mark.django_db
def test_a_study_that_will_mostly_end_undecided_is_warned_of_before_it_opens():
    is_done, to_do = points(FEW)["Enough judgements to decide most situations"]
    assert not is_done
    assert "50 people; judgements each: 3; situations: 1." in to_do
    assert "would be decided with about" in to_do


@pytest.mark.django_db
def test_a_study_with_enough_people_is_done():
    assert points(MANY)["Enough judgements to decide most situations"][0]


@pytest.mark.django_db
def test_without_a_number_of_people_it_asks_for_one():
    assert points("")["The number of participants you want"][0] is False


@pytest.mark.django_db
def test_a_study_without_judgements_needs_no_plan():
    assert not any("participants you want" in label or "decide" in label for label in points("", "consent, interview"))


def test_the_command_reads_a_file_and_what_is_tried_instead(study_file):
    assert "WARNING: this study will mostly end undecided." in planned(study_file)
    out = planned(study_file, "--people", "20000", "--judgements", "20")
    assert "20,000 people, 20 judgements each, 1 contexts" in out
    assert "WARNING" not in out


def test_the_command_warns_of_thirteen_contexts_for_five_hundred_people(study_file):
    out = planned(study_file, "--people", "500", "--judgements", "3", "--contexts", "13")
    assert "115 judgements a context" in out
    assert "WARNING" in out


def test_fewer_judgements_than_were_simulated_are_said_to_be_so(study_file):
    few, enough = (planned(study_file, "--people", people, "--judgements", "1") for people in ("47", "48"))
    assert "not simulated: under 4 judgements a card" in few
    assert "where the first card is the wisest:     28%" in few
    assert "not simulated" not in enough


def test_time_pay_and_the_least_of_the_caps_are_said(study_file):
    out = planned(study_file)
    assert "10 minutes each, 8.33 hours in all" in out
    assert "150 GBP in all, 18.00 an hour (9 promised)" in out
    assert "models: at most 50 US dollars" in out


def test_a_census_says_how_many_people_are_wanted():
    design = load_study_file(study_text(steps=STEPS, more="census: [{target: us_2022, participants: 300}]\n"))
    assert wanted_people(design) == 300
    assert budget_of(design, people=300).pay is None
    assert budget_of(design, people=300).model_usd == Decimal(0)


@pytest.mark.django_db
def test_a_study_that_is_nowhere_is_said():
    with pytest.raises(CommandError, match="nowhere"):
        planned("nowhere")
