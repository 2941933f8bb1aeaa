"""Studies from files: whole or not at all, versioned, opened and closed."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from elicit import studies
from elicit.errors import StudyNotOpen
from elicit.models import Membership, Participant, Question, Study, StudyVersion
from elicit.studies import close, load_study, open_study, pause, register_loader
from elicit.study_files import StudyFileError
from elicit.versions import freeze
from tests.make import NOW, make_consenting_participant, make_member, make_participant, make_study, study_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_loaders(monkeypatch):
    monkeypatch.setattr(studies, "_LOADERS", {})


def test_a_file_becomes_a_study_with_its_questions():
    study = load_study(study_text(slug="fresh"), now=NOW)
    assert study.title == {"en": "A study for tests"}
    assert study.state == Study.State.DRAFT
    assert list(study.questions.values_list("key", flat=True)) == ["night", "choice"]
    assert study.current_version.created_at == NOW


def test_a_wrong_file_writes_nothing():
    text = study_text(slug="wrong").replace("minutes: 10", "minuets: 10")
    with pytest.raises(StudyFileError, match=r"line 5, minuets.*minutes"):
        load_study(text, now=NOW)
    assert not Study.objects.exists()


def test_an_unchanged_file_changes_nothing(own_loaders):
    calls = []
    register_loader(lambda study, design: calls.append(study.slug))
    for _ in range(2):
        load_study(study_text(slug="same"), now=NOW)
    assert StudyVersion.objects.count() == 1
    assert calls == ["same"]


def test_a_changed_file_makes_a_new_version_and_keeps_the_old():
    freeze(load_study(study_text(slug="grows"), now=NOW).current_version, now=NOW)
    changed = study_text(slug="grows").replace("A hard choice", "A harder choice")
    study = load_study(changed, now=NOW)
    titles = [version.design.questions[1].title.root for version in study.versions.order_by("number")]
    assert titles == ["A hard choice", "A harder choice"]
    assert Question.objects.get(study=study, key="choice").title == {"en": "A harder choice"}


def test_a_changed_file_replaces_a_version_that_nobody_has_begun_with():
    invited = make_participant(load_study(study_text(slug="draft"), now=NOW))
    load_study(study_text(slug="draft").replace("minutes: 10", "minutes: 12"), now=NOW)
    [version] = StudyVersion.objects.filter(study=invited.study)
    assert (version.number, version.design.minutes) == (1, 12)


def test_a_preview_leaves_a_version_a_draft():
    preview = make_participant(load_study(study_text(slug="draft"), now=NOW), origin="preview")
    Participant.objects.filter(pk=preview.pk).update(began_at=NOW)
    assert load_study(study_text(slug="draft").replace("minutes: 10", "minutes: 12"), now=NOW).versions.count() == 1


def test_whoever_has_not_begun_gets_the_new_version_and_whoever_has_keeps_theirs():
    study = make_study(slug="two")
    begun, waiting = make_consenting_participant(study), make_participant(study)
    freeze(study.current_version, now=NOW)
    load_study(study_text(slug="two").replace("minutes: 10", "minutes: 12"), now=NOW)
    numbers = [Participant.objects.get(pk=each.pk).version.number for each in (begun, waiting)]
    assert numbers == [1, 2]


def test_caps_for_a_participant_and_a_day_come_with_the_file():
    caps = "spend_cap_usd: 9\nspend_caps: {participant_usd: 0.5, day_usd: 3}\n"
    study = load_study(study_text(more=caps), now=NOW)
    assert (study.spend_cap_participant_usd, study.spend_cap_day_usd) == (Decimal("0.5"), Decimal(3))


def test_what_another_app_cannot_load_takes_everything_back(own_loaders):
    def refuse(study, design):
        raise RuntimeError("no")

    register_loader(refuse)
    with pytest.raises(RuntimeError):
        load_study(study_text(), now=NOW)
    assert not Study.objects.exists()
    assert not StudyVersion.objects.exists()


def test_a_closed_study_stays_closed():
    study = close(make_study())
    with pytest.raises(StudyNotOpen, match="closed for good"):
        open_study(study)


def test_only_an_open_study_can_be_paused():
    study = make_study(is_open=False)
    with pytest.raises(StudyNotOpen):
        pause(study)
    assert pause(open_study(study)).state == Study.State.PAUSED


def test_the_command_loads_the_file_and_names_the_organizer(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(study_text(slug="by-command"))
    owner = make_member(username="ada")
    out = StringIO()
    call_command("load_study", str(path), owner="ada", stdout=out)
    assert "'by-command' has version 1" in out.getvalue()
    assert Membership.objects.get(study__slug="by-command").user == owner


def test_the_command_says_what_has_changed(tmp_path):
    path = tmp_path / "study.yaml"
    freeze(load_study(study_text(slug="told"), now=NOW).current_version, now=NOW)
    path.write_text(study_text(slug="told").replace("A hard choice", "A harder choice"))
    out = StringIO()
    call_command("load_study", str(path), stdout=out)
    assert "questions[choice].title\n    - A hard choice\n    + A harder choice" in out.getvalue()


def test_the_command_refuses_an_unknown_owner_and_writes_nothing(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(study_text())
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("load_study", str(path), owner="nobody")
    assert not Study.objects.exists()


def test_the_command_says_where_the_file_is_wrong(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(study_text().replace("steps: [consent", "steps: [consnt"))
    with pytest.raises(CommandError, match='did you mean "consent"'):
        call_command("load_study", str(path))


def test_the_demo_study_loads():
    from django.conf import settings

    study = load_study(settings.BASE_DIR / "studies" / "demo.yaml", now=NOW)
    assert study.questions.count() == 3
