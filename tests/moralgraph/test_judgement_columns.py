"""Judgements come out of the database as the same columns that their names would give."""

from pathlib import Path

import numpy as np
import pytest

from moralgraph import judgement_columns
from moralgraph.algorithms.records import COLUMNS, Judgements
from moralgraph.consented import judgements_for
from moralgraph.importing import import_mge
from moralgraph.judgement_columns import read_judgements
from moralgraph.models import Judgement
from tests.make import make_judgements, make_study

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"


def test_reading_codes_gives_what_reading_names_gives(monkeypatch):
    monkeypatch.setattr(judgement_columns, "ROWS_AT_ONCE", 7)
    study = import_mge(FIXTURE, slug="read").study
    rows = judgements_for(study, purpose="explore", origins=["imported"])
    names = (
        "participant_id",
        "first__content_id",
        "second__content_id",
        "context__key",
        "answer",
        "story_arm",
        "repeat",
    )
    columns = zip(*rows.values_list(*names), strict=True)
    keys = ("participant", "first", "second", "context", "answer", "story", "repeat")
    named = Judgements.from_columns(**dict(zip(keys, columns, strict=True)))
    found = read_judgements(rows, study=study)
    assert (found.cards, found.contexts) == (named.cards, named.contexts)
    for name in ("first", "second", "context", "answer", "story", "repeat"):
        assert np.array_equal(getattr(found, name), getattr(named, name)), name


def test_a_person_is_a_number_and_no_row_is_mixed_up():
    study = make_study()
    make_judgements(study, wiser=2, of=3)
    people = Judgement.objects.values_list("participant_id", "answer")
    found = read_judgements(judgements_for(study, purpose="explore", origins=["person"]), study=study)
    assert found.participants == ("0", "1", "2")
    assert [found.answer[found.participant == code].tolist() for code in range(3)] == [
        [0] if answer == "wiser" else [1] for _, answer in sorted(people)
    ]


def test_probabilities_that_were_not_recorded_stay_unknown():
    study = make_study()
    make_judgements(study, wiser=2, of=2)
    Judgement.objects.filter(pk=Judgement.objects.first().pk).update(selection_probability=0.25)
    found = read_judgements(Judgement.objects.of_study(study), study=study)
    assert np.array_equal(found.probability, [0.25, np.nan], equal_nan=True)


def test_nothing_judged_gives_no_columns():
    study = make_study()
    found = read_judgements(Judgement.objects.none(), study=study)
    assert all(getattr(found, name).size == 0 for name in COLUMNS)


def test_the_fingerprint_is_the_same_in_another_study_and_moves_with_an_answer():
    studies = [import_mge(FIXTURE, slug=slug).study for slug in ("one", "two")]
    one, two = (read_judgements(Judgement.objects.of_study(study), study=study).fingerprint() for study in studies)
    assert one == two
    Judgement.objects.filter(pk=Judgement.objects.of_study(studies[1]).first().pk).update(answer="both_needed")
    assert read_judgements(Judgement.objects.of_study(studies[1]), study=studies[1]).fingerprint() != one
