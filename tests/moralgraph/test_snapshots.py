"""Snapshots: rebuilt from what was granted, without words or people in them."""

import json
from pathlib import Path

import pytest

from elicit.consent import record_consent
from elicit.errors import NothingToBuild
from elicit.models import Participant
from moralgraph.consented import NotGranted, usual_origins
from moralgraph.importing import import_mge
from moralgraph.models import CanonicalValuesCard, Judgement, Partition, Snapshot
from moralgraph.snapshots import build_snapshot, graph_of, newest_snapshot, retire_snapshots
from tests.make import NOW, make_canonical_card, make_consenting_participant, make_judgements, make_study

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"


def test_a_graph_has_the_counts_of_its_judgements():
    study = make_study()
    make_judgements(study, wiser=9, of=10)
    edge = graph_of(build_snapshot(study, method="repaired", now=NOW)).edges[0]
    assert (edge.first, edge.second, edge.counts.wiser, edge.compared) == ("Plain", "Deep", 9, 10)
    assert edge.low < edge.agreement < edge.high


def test_a_repaired_snapshot_says_how_far_ranks_move_and_what_is_settled():
    study = make_study()
    make_judgements(study, wiser=10, of=10)
    content = build_snapshot(study, method="repaired", now=NOW).content
    assert content["ranks"][0]["card"] == "Deep"
    assert content["ranks"][0]["first_share"] == 1.0
    assert (content["contexts"][0]["standing"], content["contexts"][0]["winner"]) == ("settled", "Deep")


def test_building_again_changes_nothing_until_there_is_a_new_judgement():
    study = make_study()
    make_judgements(study, wiser=3, of=3)
    first = build_snapshot(study, method="repaired", now=NOW)
    assert build_snapshot(study, method="repaired", now=NOW) == first
    make_judgements(study, wiser=1, of=1)
    assert build_snapshot(study, method="repaired", now=NOW).number == 2


def test_the_same_data_gives_the_same_snapshot_in_another_study():
    studies = [import_mge(FIXTURE, slug=slug).study for slug in ("one", "two")]
    built = [build_snapshot(study, method="repaired", now=NOW) for study in studies]
    assert built[0].inputs_hash == built[1].inputs_hash
    assert built[0].content == built[1].content


def test_a_snapshot_holds_no_words_and_no_participant():
    study = make_study()
    make_judgements(study, wiser=3, of=3)
    CanonicalValuesCard.objects.update(description="Private words", policies=["More private words"])
    stored = json.dumps(build_snapshot(study, method="repaired", now=NOW).content)
    assert "rivate words" not in stored
    assert not any(code in stored for code in Participant.objects.values_list("code", flat=True))


def test_only_judgements_granted_for_the_purpose_go_in():
    study = make_study()
    rows = make_judgements(study, wiser=4, of=4)
    record_consent(rows[0].participant, {"take_part": True, "explore": True, "train": False}, now=NOW)
    assert build_snapshot(study, method="repaired", now=NOW).content["totals"]["judgements"] == 4
    for_training = build_snapshot(study, method="repaired", purpose="train", now=NOW)
    assert for_training.content["totals"]["judgements"] == 3


def test_judgements_about_a_card_whose_author_did_not_grant_it_stay_out():
    study = make_study()
    author = make_consenting_participant(study, explore=True, train=False)
    make_canonical_card(study, title="Deep", origin="person", worded_by=author)
    make_judgements(study, wiser=4, of=4)
    with pytest.raises(NothingToBuild, match="train"):
        build_snapshot(study, method="repaired", purpose="train", now=NOW)


def test_people_come_first_and_previews_never_come_by_themselves():
    study = make_study()
    make_judgements(study, wiser=2, of=2, origin="simulated")
    make_judgements(study, wiser=2, of=2, origin="preview")
    assert usual_origins(study) == ("simulated",)
    make_judgements(study, wiser=2, of=2, origin="person")
    assert usual_origins(study) == ("person",)


def test_an_unanswered_draw_is_no_judgement():
    study = make_study()
    make_judgements(study, wiser=1, of=1)
    Judgement.objects.update(answer="", answered_at=None)
    with pytest.raises(NothingToBuild, match="no answered judgement"):
        build_snapshot(study, method="repaired", origins=["person"], now=NOW)


def test_a_method_test_cannot_be_built_for_publishing():
    study = import_mge(FIXTURE, slug="made").study
    with pytest.raises(NotGranted, match="method test only"):
        build_snapshot(study, method="classic", purpose="publish", now=NOW)


def test_retired_snapshots_are_passed_over_and_keep_their_hash():
    study = make_study()
    make_judgements(study, wiser=3, of=3)
    snapshot = build_snapshot(study, method="classic", now=NOW)
    assert retire_snapshots(study, now=NOW) == 1
    assert newest_snapshot(study) is None
    assert Snapshot.objects.get().inputs_hash == snapshot.inputs_hash


def test_a_database_that_was_filled_in_another_order_gives_the_same_snapshot():
    built = []
    for wiser_first in (True, False):
        study = make_study()
        given = [("wiser", "Deep"), ("less_wise", "Deep"), ("wiser", "Other")]
        for answer, second in given if wiser_first else given[::-1]:
            row = make_judgements(study, wiser=1, of=1, second=second)[0]
            Judgement.objects.filter(pk=row.pk).update(answer=answer)
        built.append(build_snapshot(study, method="repaired", now=NOW))
    assert built[0].inputs_hash == built[1].inputs_hash
    assert built[0].content == built[1].content


def test_what_was_judged_of_a_merged_card_counts_where_it_was_merged_into():
    study = make_study()
    make_judgements(study, wiser=3, of=3)
    make_judgements(study, wiser=4, of=4, second="Same as deep")
    make_judgements(study, wiser=1, of=1, first="Same as deep", second="Deep")
    deep = CanonicalValuesCard.objects.get(title="Deep")
    CanonicalValuesCard.objects.filter(title="Same as deep").update(merged_into=deep)
    snapshot = build_snapshot(study, method="repaired", now=NOW)
    assert [(edge.second, edge.counts.wiser) for edge in graph_of(snapshot).edges] == [("Deep", 7)]
    assert snapshot.content["totals"] | {"judgements": 7, "dropped": 1} == snapshot.content["totals"]


def test_an_answer_to_a_pair_asked_again_stays_out_of_the_graph():
    study = make_study()
    again = make_judgements(study, wiser=3, of=3)[0]
    again.pk, again.repeat, again.answer = None, 1, "less_wise"
    again.save()
    totals = build_snapshot(study, method="repaired", now=NOW).content["totals"]
    assert totals == {"judgements": 3, "participants": 3, "repeats": 1, "dropped": 0}


def test_a_snapshot_names_the_partition_that_was_in_force():
    study = make_study()
    make_judgements(study, wiser=3, of=3)
    first = build_snapshot(study, method="repaired", now=NOW)
    Partition.objects.create(
        study=study, number=1, kind="reconciled", inputs_hash="x", content_hash="y", made_at=NOW
    )  # fmt: skip
    second = build_snapshot(study, method="repaired", now=NOW)
    assert (first.content["partition"], second.content["partition"]) == (None, {"number": 1, "hash": "y"})


def test_a_context_says_which_cards_may_be_the_wisest_and_what_is_missing():
    study = make_study()
    make_judgements(study, wiser=10, of=10)
    context = build_snapshot(study, method="repaired", now=NOW).content["contexts"][0]
    assert (context["wisest_set"]["standing"], context["wisest_set"]["shortage"]) == (
        "not_enough_evidence",
        "few_people",
    )
    assert [row["card"] for row in context["bradley_terry"]["scores"]] == ["Deep", "Plain"]
    assert (context["people"], context["cycles"], context["contested"]) == (10, [], [])


def test_bradley_terry_ranks_by_the_latent_order_and_stands_by_its_set():
    study = make_study()
    make_judgements(study, wiser=24, of=24)
    content = build_snapshot(study, method="bradley_terry", now=NOW).content
    assert content["graph"]["method"] == "bradley_terry"
    assert [(row["card"], row["position"], row["low"], row["high"]) for row in content["contexts"][0]["ranks"]] == [
        ("Deep", 1, 1, 1), ("Plain", 2, 2, 2)
    ]  # fmt: skip
    assert (content["contexts"][0]["standing"], content["contexts"][0]["winner"]) == ("settled", "Deep")


def test_a_pair_found_wiser_both_ways_is_contested_and_other_choices_are_listed():
    study = make_study()
    make_judgements(study, wiser=8, of=9)
    make_judgements(study, wiser=7, of=9, first="Deep", second="Plain")
    content = build_snapshot(study, method="repaired", now=NOW).content
    pair = content["contexts"][0]["contested"][0]
    assert (pair["forward"]["wiser"], pair["backward"]["wiser"], pair["forward"]["compared"]) == (7, 8, 9)
    assert {row["method"] for row in content["sensitivity"]} == {"classic", "repaired", "bradley_terry"}


def test_stories_and_repeats_are_told_where_they_were_drawn():
    study = make_study()
    rows = make_judgements(study, wiser=24, of=40)
    for number, row in enumerate(rows):
        arm = "forward" if number % 2 else "none"
        Judgement.objects.filter(pk=row.pk).update(story_arm=arm, first_side="start" if number % 3 else "end")
    again = rows[0]
    again.pk, again.repeat = None, 1
    again.save()
    content = build_snapshot(study, method="repaired", now=NOW).content
    assert [effect["name"] for effect in content["story_pull"]["effects"]] == ["forward"]
    assert content["side_bias"]["at_start"]["people"] == 40
    assert (content["retest"]["repeats"], content["retest"]["same"]) == (1, 1.0)
