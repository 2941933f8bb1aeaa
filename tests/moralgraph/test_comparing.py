"""Two snapshots in words."""

import pytest
from django.core.management import CommandError, call_command

from moralgraph.comparing import NotComparable, compare_snapshots
from moralgraph.snapshots import build_snapshot
from tests.make import NOW, make_judgements, make_study

pytestmark = pytest.mark.django_db


def test_what_was_gained_is_said_with_the_words_of_cards_and_contexts():
    study = make_study()
    make_judgements(study, wiser=2, of=2)
    before = build_snapshot(study, method="repaired", now=NOW)
    make_judgements(study, wiser=9, of=9, second="Other")
    words = [row.words for row in compare_snapshots(before, build_snapshot(study, method="repaired", now=NOW))]
    assert "Judgements: 2, now 11." in words
    assert "“Other” is in the graph now." in words
    assert "When someone is tired: “Other” wiser than “Plain”: found wiser now (9 of 9 people)" in words


def test_every_kind_of_difference_has_words():
    study = make_study()
    make_judgements(study, wiser=9, of=9)
    one, two = (build_snapshot(study, method=method, now=NOW) for method in ("classic", "repaired"))
    one.content |= {"partition": {"number": 1, "hash": "x"}}
    one.content["contexts"][0] |= {"wisest_set": {"standing": "several", "cards": ["Plain", "Kind"]}}
    two.content["contexts"][0] |= {"wisest_set": {"standing": "settled", "cards": ["Deep"]}}
    words = " ".join(row.words for row in compare_snapshots(one, two))
    for part in (
        "Method: classic",
        "version 1, now none",
        "several values contend",
        "was none and is Deep",
        "also: Deep",
    ):
        assert part in words


def test_two_methods_are_said_to_differ_and_the_same_upgrades_are_not():
    study = make_study()
    make_judgements(study, wiser=9, of=9)
    one, two = (build_snapshot(study, method=method, now=NOW) for method in ("classic", "repaired"))
    (row,) = compare_snapshots(one, two)
    assert row.words.startswith("Method: classic, now repaired. Not both keep upgrades by context")


def test_snapshots_of_two_studies_are_not_compared():
    built = []
    for study in (make_study(), make_study()):
        make_judgements(study, wiser=2, of=2)
        built.append(build_snapshot(study, method="repaired", now=NOW))
    with pytest.raises(NotComparable):
        compare_snapshots(*built)


def test_the_command_lists_them_and_names_the_snapshots_there_are(capsys: pytest.CaptureFixture[str]):
    study = make_study(slug="talks")
    make_judgements(study, wiser=2, of=2)
    build_snapshot(study, method="repaired", now=NOW)
    call_command("compare_snapshots", "talks", 1, 1, skip_checks=True)
    assert "0 differences" in capsys.readouterr().out
    with pytest.raises(CommandError, match="It has: 1"):
        call_command("compare_snapshots", "talks", 1, 2, skip_checks=True)
