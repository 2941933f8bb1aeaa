"""Simulated people walk the real site over HTTP: they wait, press every button, come back, and are never people."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from elicit.models import Message, MessageRevision, Origin, Participant, ValuesCard
from elicit.simulating import simulate, simulate_at, visit_of
from elicit.simulation import crowd, load_personas
from elicit.simulation.browsing import HttpBrowser, SiteNotReached
from elicit.simulation.walking import WalkFailed
from elicit.studies import load_study, open_study, pause
from tests.make import NOW

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "studies" / "demo.yaml"
SHORT = re.sub(r"^steps:.*$", "steps: [consent, interview, values_card]", DEMO.read_text(), flags=re.MULTILINE)
Kind = Message.Kind


def short_study():
    return open_study(load_study(SHORT, now=NOW))


def quirky(quirk):
    return next(persona for persona in load_personas() if persona.quirk == quirk)


def walked(*personas, study=None):
    return simulate(study or short_study(), list(personas), seed=0, now=NOW)


def said(participant):
    return Message.objects.filter(interview__participant=participant, author=Message.Author.PARTICIPANT)


@pytest.mark.django_db(transaction=True)
def test_they_walk_a_running_site_over_http(live_server):
    people = [*crowd(1), quirky("other_device"), quirky("double_clicks")]
    found = simulate_at(lambda: HttpBrowser(live_server.url), short_study(), people, seed=0, now=NOW)
    assert found.failures == []
    assert Participant.objects.filter(finished_at__isnull=False, origin=Origin.SIMULATED).count() == 3


@pytest.mark.django_db(transaction=True)
def test_who_cannot_go_on_does_not_stop_the_others(live_server):
    study = pause(short_study())
    found = simulate_at(lambda: HttpBrowser(live_server.url), study, crowd(2), seed=0, now=NOW)
    assert len(found.failures) == 2
    assert found.participants == []


@pytest.mark.django_db
def test_a_site_that_does_not_answer_is_named():
    with pytest.raises(SiteNotReached, match="does not answer"):
        HttpBrowser("http://127.0.0.1:9").get("/")


@pytest.mark.django_db
def test_everybody_comes_to_the_end_however_difficult():
    people = walked(*load_personas()[24:])
    assert all(Participant.objects.get(pk=person.pk).finished_at for person in people)


@pytest.mark.django_db
def test_they_are_marked_before_their_first_page_and_after_their_last():
    study = short_study()
    visit = visit_of(study, crowd(1)[0], now=NOW)
    assert (visit.participant.origin, visit.participant.began_at) == (Origin.SIMULATED, None)
    walked(crowd(1)[0], study=study)
    assert set(ValuesCard.objects.values_list("origin", flat=True)) == {Origin.SIMULATED}
    assert set(Message.objects.values_list("origin", flat=True)) == {Origin.SIMULATED}


@pytest.mark.django_db
def test_they_freeze_no_version_as_a_person_would():
    study = short_study()
    walked(crowd(1)[0], study=study)
    assert study.current_version.frozen_at is None


@pytest.mark.django_db
def test_a_double_click_says_everything_once():
    (person,) = walked(quirky("double_clicks"))
    texts = list(said(person).values_list("text", flat=True))
    assert texts
    assert len(texts) == len(set(texts))


@pytest.mark.django_db
def test_somebody_changes_their_last_message():
    (person,) = walked(quirky("edits"))
    assert MessageRevision.objects.filter(message__in=said(person)).count() == 1


@pytest.mark.django_db
def test_somebody_skips_and_declines():
    (person,) = walked(quirky("skips"))
    assert {Kind.SKIPPED, Kind.DECLINED} <= set(said(person).values_list("kind", flat=True))


@pytest.mark.django_db
def test_somebody_asks_to_be_asked_differently():
    (person,) = walked(quirky("differently"))
    assert said(person).filter(kind=Kind.DIFFERENTLY).count() >= 1


@pytest.mark.django_db
def test_somebody_has_enough_early():
    (hurried,) = walked(quirky("enough"))
    assert said(hurried).filter(kind=Kind.SAID).count() == 3


@pytest.mark.django_db
def test_a_low_answer_leaves_its_reason_with_the_card():
    (person,) = walked(quirky("enough"))
    card = person.values_cards.get()
    assert card.fit == 2
    assert card.fit_reason


@pytest.mark.django_db
def test_somebody_whose_card_does_not_fit_talks_about_it_more_and_about_another_situation():
    gardener = quirky("differently")
    assert (gardener.fit, gardener.another) == ("back", True)
    (person,) = walked(gardener)
    assert person.interviews.count() == person.values_cards.count() == 2
    assert set(person.values_cards.values_list("fit", flat=True)) == {4}


@pytest.mark.django_db
def test_who_has_finished_is_left_alone():
    study = short_study()
    walked(crowd(1)[0], study=study)
    before = Message.objects.count()
    walked(crowd(1)[0], study=study)
    assert Message.objects.count() == before


@pytest.mark.django_db
def test_a_page_that_does_not_work_names_the_person_and_the_page():
    with pytest.raises(WalkFailed, match=r"Person 1 .*consent"):
        walked(crowd(1)[0], study=pause(short_study()))


@pytest.mark.django_db
def test_the_command_walks_in_this_process(capsys):
    short_study()
    call_command("simulate", "demo", "-n", "1", "--in-process")
    assert "1 simulated people have finished demo." in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_says_who_could_not_go_on():
    pause(short_study())
    with pytest.raises(CommandError, match="2 could not go on"):
        call_command("simulate", "demo", "-n", "2", "--in-process")


@pytest.mark.django_db
def test_several_at_once_need_http():
    short_study()
    with pytest.raises(CommandError, match="--parallel"):
        call_command("simulate", "demo", "--in-process", "--parallel", "2")


@pytest.mark.slow
def test_the_command_brings_a_site_of_its_own_where_several_walk_at_once(tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text(SHORT)
    manage(tmp_path, "migrate", "-v0")
    manage(tmp_path, "load_study", str(study))
    manage(tmp_path, "shell", "-v0", "-c", OPEN)
    done = manage(tmp_path, "simulate", "demo", "-n", "6", "--parallel", "3")
    assert "6 simulated people have finished demo." in done
    assert "foreign_card: refused" in manage(tmp_path, "simulate", "demo", "--must-fail")


OPEN = "from elicit.studies import *; open_study(study_named('demo'))"


def manage(folder, *arguments):
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment = {**kept, "WELLSPRING_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
