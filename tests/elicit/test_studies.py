"""Studies from files: whole or not at all, versioned, opened and closed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from elicit import studies
from elicit.errors import StudyNotOpen
from elicit.models import Membership, Question, Study, StudyVersion
from elicit.studies import close, load_study, open_study, pause, register_loader
from elicit.study_files import StudyFileError
from tests.make import NOW, make_member, make_study, study_text

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
    load_study(study_text(slug="grows"), now=NOW)
    changed = study_text(slug="grows").replace("A hard choice", "A harder choice")
    study = load_study(changed, now=NOW)
    titles = [version.design.questions[1].title.root for version in study.versions.order_by("number")]
    assert titles == ["A hard choice", "A harder choice"]
    assert Question.objects.get(study=study, key="choice").title == {"en": "A harder choice"}


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
