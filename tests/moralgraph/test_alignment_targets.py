"""Alignment targets: what the graph asks of a model, as the engine reads it."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from elicit.consent import record_consent
from elicit.errors import Conflict
from moralgraph.alignment_targets import freeze_alignment_target, freeze_newest_target
from moralgraph.importing import import_mge
from moralgraph.snapshots import build_snapshot
from tests.make import NOW, make_judgements, make_study
from training.engine.target import AlignmentTarget as EngineTarget
from training.engine.target import load_target

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"


def test_the_engine_reads_what_was_frozen():
    study = make_study()
    make_judgements(study, wiser=23, of=24)
    target = EngineTarget.model_validate(freeze_newest_target(study, now=NOW).content)
    assert [card.title for card in target.cards] == ["Plain", "Deep"]
    assert (target.edges[0].wiser, target.edges[0].judged) == (23, 24)
    assert target.contexts[0].cards[0].card == "Deep"
    assert target.contexts[0].settled
    assert {prompt.id for prompt in target.prompts} >= {"question-night", "context-tired-1"}


def test_an_unsettled_context_names_its_contenders_with_weights():
    study = make_study()
    make_judgements(study, wiser=3, of=4, second="Deep")
    make_judgements(study, wiser=3, of=4, second="Other")
    context = freeze_newest_target(study, now=NOW).content["contexts"][0]
    assert not context["settled"]
    assert {card["card"] for card in context["cards"]} == {"Deep", "Other"}
    assert all(card["weight"] > 0 and card["low"] <= card["share"] <= card["high"] for card in context["cards"])


def test_a_graph_that_looks_settled_on_too_few_people_is_not():
    study = make_study()
    make_judgements(study, wiser=10, of=10)
    target = freeze_newest_target(study, now=NOW)
    assert target.snapshot.content["contexts"][0]["standing"] == "settled"
    assert not target.content["contexts"][0]["settled"]
    assert [card["card"] for card in target.content["contexts"][0]["cards"]] == ["Deep"]


def test_only_what_was_granted_for_training_is_in_it():
    study = make_study()
    rows = make_judgements(study, wiser=5, of=5)
    record_consent(rows[0].participant, {"take_part": True, "explore": True, "train": False}, now=NOW)
    assert freeze_newest_target(study, now=NOW).content["edges"][0]["judged"] == 4


def test_a_snapshot_for_another_purpose_is_refused():
    study = make_study()
    make_judgements(study, wiser=5, of=5)
    with pytest.raises(Conflict, match="--purpose train"):
        freeze_alignment_target(build_snapshot(study, method="repaired", now=NOW), now=NOW)


def test_freezing_again_returns_the_target_that_stands():
    study = make_study()
    make_judgements(study, wiser=5, of=5)
    assert freeze_newest_target(study, now=NOW) == freeze_newest_target(study, now=NOW)
    make_judgements(study, wiser=1, of=1)
    assert freeze_newest_target(study, now=NOW).version == 2


def test_simulated_judgements_label_the_target():
    study = make_study()
    make_judgements(study, wiser=5, of=5, origin="simulated")
    assert freeze_newest_target(study, now=NOW).content["labels"] == ["simulated"]


def test_an_imported_study_gives_a_valid_target_labelled_method_test_only(tmp_path: Path):
    import_mge(FIXTURE, slug="made")
    call_command("freeze_alignment_target", "made", out=tmp_path / "target.json", skip_checks=True)
    target = load_target(tmp_path / "target.json")
    assert target.labels == ["method test only"]
    assert target.contexts and target.edges and target.prompts
    assert len(json.loads((FIXTURE / "values_cards.json").read_text())) == len(target.cards)
