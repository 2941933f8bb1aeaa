"""What is said of how sure a graph is, of one value's place, and of what groups and snapshots see differently."""

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from elicit.models import Participant, Study, ValuesCard
from moralgraph.explorer import groups
from moralgraph.explorer.comparison import Asked, Comparison
from moralgraph.explorer.quotes import Writer, cards_behind
from moralgraph.models import CanonicalValuesCard, CardMembership, Snapshot
from moralgraph.snapshots import build_snapshot
from tests.make import (
    NOW,
    make_canonical_card,
    make_confirmed_card,
    make_consenting_participant,
    make_judgements,
    make_member,
    make_study,
)  # fmt: skip

pytestmark = pytest.mark.django_db
QUOTE = "I wait until they have finished."
CELL = {"compared": 20, "wiser": 16, "share": 0.8, "low": 0.6, "high": 0.92}
OTHER = {"compared": 20, "wiser": 5, "share": 0.25, "low": 0.1, "high": 0.47}
FEW = {"compared": 9, "wiser": 9, "share": 1.0, "low": 0.7, "high": 1.0}

MINORITY = {"card": "Kind", "reason": "few_but_sure", "people": 5, "share": 0.8, "low": 0.5, "high": 0.95}


def pair(**cells: dict[str, Any]) -> dict[str, Any]:
    edge = {"first": "Plain", "second": "Deep", "context": "tired", "is_agreed": False}
    return {
        "grouping": "gender",
        "groups": {"Female": 30, "Male": 30, "Other": 9},
        "edges": [{**edge, "by_group": cells}],
    }


@pytest.fixture
def judged() -> Study:
    """A study with Deep above Plain and Kind above Plain."""
    study = make_study()
    make_judgements(study, wiser=8, of=9)
    make_judgements(study, wiser=3, of=5, second="Kind")
    build_snapshot(study, method="repaired", now=NOW)
    return study


def known(study: Study, **content: Any) -> Snapshot:
    """Let the newest snapshot say more than it was built with."""
    snapshot = Snapshot.objects.of_study(study).latest("number")
    context = content.pop("context", {})
    snapshot.content |= content
    snapshot.content["contexts"][0] |= context
    snapshot.save()
    return snapshot


def page(study: Study, path: str, *, role: str = "organizer") -> str:
    client = Client()
    client.force_login(make_member(study=study, role=role))
    response = client.get(f"/organizer/{study.slug}/graph/{path}")
    assert response.status_code == 200
    return response.content.decode()


def card_behind(study: Study, *, explore: bool = True, **fields: Any) -> ValuesCard:
    """Put a confirmed card with a quote behind "Deep"."""
    author = make_consenting_participant(study, explore=explore)
    evidence = [[{"message": 1, "start": 0, "end": len(QUOTE), "quote": QUOTE}], [], []]
    card = make_confirmed_card(author, title="Waiting", **{"evidence": evidence, **fields})
    deep = CanonicalValuesCard.objects.get(study=study, content_id="Deep")
    CardMembership.objects.create(card=card, canonical=deep, decision="similar")
    return card


def test_a_context_without_enough_evidence_is_said_to_have_none(judged: Study):
    wisest = {"standing": "not_enough_evidence", "shortage": "hang_apart", "cards": ["Deep", "Kind"], "positions": []}
    known(judged, context={"wisest_set": wisest})
    text = page(judged, "sure/")
    assert "In 0 of 1 context one value" in text
    assert "Not enough evidence to say which value is the wisest. Not ruled out:" in text
    assert "no answer tells which of two values of different groups is wiser" in text and "Too few people" not in text


def test_a_set_is_told_with_the_ranks_of_its_values(judged: Study):
    positions = [{"card": "Deep", "low": 1, "high": 2}]
    known(judged, context={"wisest_set": {"standing": "several", "cards": ["Deep", "Kind"], "positions": positions}})
    text = page(judged, "sure/")
    assert "One of these 2 values is the wisest with 95% confidence" in text
    assert "(rank 1 to 2)" in text


def test_circles_contested_pairs_and_minorities_are_said_in_words(judged: Study):
    way = {"wiser": 6, "compared": 10, "share": 0.6, "low": 0.3, "high": 0.8}
    contested = [{"first": "Plain", "second": "Deep", "forward": way, "backward": {**way, "share": 0.55}}]
    known(judged, context={"contested": contested, "cycles": [["Plain", "Deep"]], "minority": [MINORITY]})
    text = page(judged, "sure/")
    assert "6 of 10 found “Deep” wiser (30–80%)" in text
    assert "Circles: each was found wiser than the one before" in text
    assert "few people were asked about it, and clearly most of them found it wiser (80% of 5 people)" in text
    beside = page(judged, "?focus=Deep")
    assert "60% found this one wiser, and 55% that one" in beside
    assert "In circles" in beside


def test_contradictions_are_drawn_apart_and_said(judged: Study):
    make_judgements(judged, wiser=8, of=9, first="Deep", second="Plain")
    build_snapshot(judged, method="repaired", now=NOW)
    text = page(judged, "?whole=1")
    assert text.count('class="graph-groove"') == 2
    assert "contested: found wiser the other way round too" in text
    assert "disputed direction: stronger upgrades contradict it" in text
    assert '<span class="chip chip-accent">Contested</span>' in page(judged, "?focus=Deep")


def test_a_circle_is_drawn_apart(judged: Study):
    make_judgements(judged, wiser=3, of=3, first="Deep", second="Kind")
    known_circle = {"cycles": [["Plain", "Deep", "Kind"]]}
    build_snapshot(judged, method="repaired", now=NOW)
    known(judged, context=known_circle)
    text = page(judged, "?whole=1")
    assert text.count("part of a circle") == text.count('class="graph-groove"') == 2


def test_an_older_snapshot_says_less_and_never_zero(judged: Study):
    snapshot = Snapshot.objects.of_study(judged).get()
    snapshot.content["contexts"][0] |= {"wisest_set": None, "standing": "several", "contenders": ["Deep", "Kind"]}
    for name in ("groups", "sensitivity", "story_pull", "side_bias", "retest"):
        snapshot.content.pop(name, None)
    snapshot.save()
    text = page(judged, "sure/")
    assert "What else moves an answer" not in text
    assert "95% confidence" not in text
    assert "Do groups agree?" not in text


def test_what_moves_answers_and_what_choices_change_is_said_in_words(judged: Study):
    effect = {"name": "forward", "difference": 0.11, "low": 0.02, "high": 0.2, "judgements": 90, "people": 40}
    row = {"method": "repaired", "setting": "minimum_wiser", "value": "3", "is_usual": False, "edges": 1, "cards": 2}
    retest = {
        "same": 0.8,
        "low": 0.6,
        "high": 0.9,
        "repeats": 20,
        "people": 20,
        "reversed_order": 0.5,
        "by_chance": 0.4,
    }
    known(
        judged, story_pull={"arms": [], "effects": [effect]}, side_bias={"at_start": None}, retest=retest,
        sensitivity=[{**row, "winners": {}, "sets": {}, "changed": ["tired"]}, {**row, "method": "classic"}],
    )  # fmt: skip
    text = page(judged, "sure/")
    assert "11 points more “wiser” (95%: 2 to 20; 40 people)" in text
    assert "Asked the same again (20 times), people gave the same answer 80% of the time" in text
    assert text.count("Fewest “wiser” answers for an upgrade") == 1


def test_no_graph_no_certainty():
    study = make_study()
    assert "There is no graph yet" in page(study, "sure/")
    assert "There are not two snapshots yet" in page(study, "compare/")


def test_a_group_of_fewer_than_ten_is_not_offered_and_its_cells_are_not_shown(judged: Study):
    content = known(judged, groups=[pair(Female=CELL, Male=FEW, Other=CELL)]).content
    found = groups.choices(content, groups.GroupNames({}))
    assert [choice.key for _question, offered in found for choice in offered] == ["gender:Female", "gender:Male"]
    assert groups.groups_with_numbers(content["groups"][0]["edges"][0]).keys() == {"Female", "Other"}
    assert "Nothing passes these filters" in page(judged, "?group=gender:Male")
    assert "Nothing passes these filters" in page(judged, "?group=gender:Other")


def test_the_graph_of_a_group_has_its_counts_and_tells_no_single_answers(judged: Study):
    known(judged, groups=[pair(Female=CELL, Male=OTHER)])
    text = page(judged, "?group=gender:Female&focus=Deep")
    assert "16 of 20" in text
    assert "All answers" not in text
    assert "Nothing passes these filters" in page(judged, "?group=gender:Male")


def test_two_groups_differ_where_each_share_lies_outside_the_others_interval(judged: Study):
    known(judged, groups=[pair(Female=CELL, Male=OTHER)])
    text = page(judged, "compare/?one=gender:Female&other=gender:Male")
    assert "1 difference, among 1 upgrades" in text
    assert "opposite" in text
    known(judged, groups=[pair(Female=CELL, Male={**OTHER, "high": 0.85})])
    assert "0 differences" in page(judged, "compare/?one=gender:Female&other=gender:Male")


@pytest.mark.parametrize("query", ["one=a&other=b", "one=gender:Male&other=gender:Male", "one=gender:Other&other=x"])
def test_groups_without_numbers_are_not_compared(judged: Study, query: str):
    known(judged, groups=[pair(Female=CELL, Male=OTHER)])
    assert not Comparison(judged, Asked.read(QueryDict(query))).compares_groups


def test_two_snapshots_are_compared_as_a_list(judged: Study):
    make_judgements(judged, wiser=9, of=9, first="Kind", second="Wide")
    build_snapshot(judged, method="repaired", now=NOW)
    text = page(judged, "compare/?before=1&after=2")
    assert "“Wide” is in the graph now." in text
    assert "difference" in text


def test_quotes_are_verbatim_and_the_rest_says_who_wrote_it(judged: Study):
    card_behind(judged, model_name="m")
    text = page(judged, "?focus=Deep")
    assert f"<q>{QUOTE}</q>" in text
    assert "Written by AI from the interview" in text
    assert "<q>Silences" not in text


@pytest.mark.parametrize(
    ("fields", "writer"), [({"is_edited": True, "model_name": "m"}, Writer.PERSON), ({}, Writer.SCRIPT)]
)
def test_a_card_says_who_worded_it(judged: Study, fields: dict[str, Any], writer: Writer):
    card = card_behind(judged, **fields)
    assert cards_behind(card.membership.canonical).cards[0].writer == writer


@pytest.mark.parametrize("role", ["observer", "engineer"])
def test_who_reads_no_words_sees_no_quotes(judged: Study, role: str):
    card_behind(judged)
    assert QUOTE not in page(judged, "?focus=Deep", role=role)


@pytest.mark.parametrize("fields", [{"explore": False}, {"release": "held"}, {"release": "refused"}])
def test_no_quote_without_consent_or_of_a_withheld_card(judged: Study, fields: dict[str, Any]):
    card_behind(judged, **fields)
    assert QUOTE not in page(judged, "?focus=Deep")


def test_no_quote_of_somebody_who_was_left_out(judged: Study):
    card = card_behind(judged)
    Participant.objects.filter(pk=card.participant_id).update(excluded_at=NOW)
    assert QUOTE not in page(judged, "?focus=Deep")


def test_a_value_shows_its_answers_and_its_history(judged: Study):
    make_judgements(judged, wiser=2, of=2)
    build_snapshot(judged, method="repaired", now=NOW)
    text = page(judged, "?focus=Deep")
    assert "About equally wise" in text
    assert "Snapshot 1, 20 Nov 2026: rank 1 of 3" in text


def test_pages_ask_the_database_as_often_for_many_values_as_for_few(judged: Study):
    client = Client()
    client.force_login(make_member(study=judged))
    make_judgements(judged, wiser=1, of=1)
    build_snapshot(judged, method="repaired", now=NOW)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/organizer/{judged.slug}/graph/{path}").status_code == 200
        return len(queries)

    paths = ("?focus=Deep", "?view=tables", "?view=map", "map/", "sure/", "compare/?before=1&after=1")
    few = [asked(path) for path in paths]
    for number in range(6):
        make_judgements(judged, wiser=3, of=3, second=f"More {number}")
        card_behind(judged)
        make_canonical_card(judged, title=f"Unjudged {number}")
    build_snapshot(judged, method="repaired", now=NOW)
    assert [asked(path) for path in paths] == few
