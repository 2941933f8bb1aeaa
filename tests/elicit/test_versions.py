"""Versions of a design: what their hash is the hash of, and what changed between two of them."""

import hashlib

import pytest

from elicit.studies import load_study
from elicit.versions import Change, canonical_json, diff, freeze
from tests.make import NOW, make_study, study_text


def test_the_same_data_has_no_changes():
    data = {"minutes": 10, "steps": [{"kind": "consent"}]}
    assert diff(data, data) == []


def test_an_entry_that_moved_is_one_change_of_order():
    night, choice = {"key": "night", "text": "a"}, {"key": "choice", "text": "b"}
    changes = diff({"questions": [night, choice]}, {"questions": [choice, night]})
    assert changes == [Change("questions (order)", "night, choice", "choice, night")]


def test_an_entry_that_was_taken_out_or_added_is_named_by_its_key():
    changes = diff([{"key": "night"}], [{"key": "choice"}], "questions")
    assert [(change.path, change.before is None, change.after is None) for change in changes] == [
        ("questions[night]", False, True),
        ("questions[choice]", True, False),
    ]


def test_an_entry_without_a_key_is_named_by_its_place():
    assert diff({"languages": ["en"]}, {"languages": ["en", "ar"]}) == [Change("languages[2]", None, "ar")]


@pytest.mark.django_db
def test_the_canonical_file_has_the_hash_that_is_shown():
    version = load_study(study_text(more="spend_cap_usd: 2.5\n"), now=NOW).current_version
    assert hashlib.sha256(canonical_json(version)).hexdigest() == version.design_hash


@pytest.mark.django_db
def test_freezing_again_keeps_the_first_time():
    version = make_study().current_version
    freeze(version, now=NOW)
    freeze(version, now=NOW.replace(year=2030))
    version.refresh_from_db()
    assert version.frozen_at == NOW
