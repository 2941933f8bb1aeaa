"""The graph page: what it shows, to whom, and that nobody's words can act in it."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from elicit.models import Study
from moralgraph.explorer import selection
from moralgraph.explorer.details import summaries
from moralgraph.explorer.filters import Filters
from moralgraph.exporting import safe_cell
from moralgraph.importing import import_mge
from moralgraph.models import CanonicalValuesCard, Snapshot
from moralgraph.reconciliation.batch import reconcile
from moralgraph.snapshots import build_snapshot
from tests.make import NOW, make_judgements, make_member, make_study

pytestmark = pytest.mark.django_db
FIXTURE = Path(__file__).parents[1] / "fixtures" / "mge_synthetic"
HOSTILE = '"><script>alert(1)</script>'


def page(study: Study, query: str = "", *, role: str = "organizer") -> str:
    client = Client()
    client.force_login(make_member(study=study, role=role))
    response = client.get(f"/organizer/{study.slug}/graph/{query}")
    assert response.status_code == 200
    return response.content.decode()


def download(study: Study, form: str) -> str:
    client = Client()
    client.force_login(make_member(study=study))
    return client.get(f"/organizer/{study.slug}/graph/download/{form}/").content.decode()


@pytest.fixture
def judged() -> Study:
    """A study with a small graph: Deep above Plain, Kind above Plain."""
    study = make_study()
    make_judgements(study, wiser=8, of=9)
    make_judgements(study, wiser=3, of=5, second="Kind")
    build_snapshot(study, method="repaired", now=NOW)
    return study


@pytest.fixture
def imported() -> Study:
    """The synthetic study with both graphs."""
    study = import_mge(FIXTURE, slug="made").study
    build_snapshot(study, method="classic", now=NOW)
    build_snapshot(study, method="repaired", now=NOW)
    return study


def test_whoever_is_no_member_finds_nothing(judged: Study):
    client = Client()
    assert client.get(f"/organizer/{judged.slug}/graph/").status_code == 302
    client.force_login(make_member(study=make_study()))
    for path in ("graph/", "graph/download/csv/"):
        assert client.get(f"/organizer/{judged.slug}/{path}").status_code == 404


@pytest.mark.parametrize("role", ["organizer", "analyst", "observer", "engineer"])
def test_every_member_sees_the_graph_but_only_some_build_it(judged: Study, role: str):
    assert ("Build anew" in page(judged, role=role)) == (role in {"organizer", "analyst"})


def test_an_observer_cannot_build(judged: Study):
    client = Client()
    client.force_login(make_member(study=judged, role="observer"))
    assert client.post(f"/organizer/{judged.slug}/graph/build/").status_code == 404


def test_an_empty_study_says_that_there_is_no_graph_yet():
    assert "There is no graph yet" in page(make_study())


def test_an_organizer_builds_the_first_graph_by_a_button():
    study = make_study()
    make_judgements(study, wiser=3, of=3)
    assert "Build the graph" in page(study)
    client = Client()
    client.force_login(make_member(study=study))
    answer = client.post(f"/organizer/{study.slug}/graph/build/", follow=True)
    assert "Snapshot 1 is built" in answer.content.decode()
    assert Snapshot.objects.get().method == "repaired"


def test_every_value_is_a_link_and_every_upgrade_a_line(judged: Study):
    text = page(judged)
    assert text.count('class="graph-node') == 3
    assert text.count('<path class="graph-edge') == 2
    assert 'aria-label="Deep, rank 1 of 3"' in text


def test_height_is_said_to_mean_something_along_lines_alone(judged: Study):
    assert "Height alone says nothing between values without a line." in page(judged)
    for query in ("", "?view=map"):
        assert "<span>Judged wiser</span>" not in page(judged, query)


@pytest.mark.parametrize("query", ["", "?focus=Kind", "?view=map", "?view=tables"])
def test_a_link_skips_to_the_values_of_every_view(judged: Study, query: str):
    text = page(judged, query)
    assert text.count('id="values"') == text.count('href="#values"') == 1


def test_a_chosen_value_shows_its_votes_in_words_with_an_interval(judged: Study):
    text = page(judged, "?focus=Deep")
    assert "Selected value" in text
    assert "8 of 9" in text
    assert "8 of 9 said wiser, 0 were not sure, 1 said not wiser" in text
    assert "95%: 59–99%" in text
    assert "When someone is tired" in text


def test_the_tables_say_the_same_as_the_picture(judged: Study):
    text = page(judged, "?view=tables&upgrades=agreement")
    assert '<th scope="row"><a href="?focus=Plain&amp;view=tables' in text
    assert "89% <small" in text
    assert 'aria-sort="ascending"' in text


def test_filters_leave_upgrades_out_and_say_how_to_get_them_back(judged: Study):
    assert page(judged, "?min=6").count('<path class="graph-edge') == 1
    assert page(judged, "?agree=80").count('<path class="graph-edge') == 1
    empty = page(judged, "?min=600&ctx=tired")
    assert "Nothing passes these filters" in empty
    assert "All contexts" in empty


def test_search_finds_words_in_any_part_of_a_card(judged: Study):
    CanonicalValuesCard.objects.filter(title="Kind").update(policies=["Warmth of tone"])
    text = page(judged, "?q=warm")
    assert "1 value found" in text
    assert text.count("graph-node is-path") == 1


def test_a_large_graph_opens_around_one_value_and_can_be_seen_whole(imported: Study, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(selection, "FEW_CARDS", 3)
    around, whole = page(imported, "?steps=1"), page(imported, "?whole=1")
    assert "1 step around" in around
    assert around.count('class="graph-node') < whole.count('class="graph-node')


def test_both_methods_can_be_looked_at(imported: Study):
    published = json.loads((FIXTURE / "published_moral_graph.json").read_text())
    text = page(imported, "?method=classic&whole=1")
    assert text.count('<path class="graph-edge') == len(published["edges"])


def test_an_imported_study_says_method_test_only(imported: Study):
    assert "Method test only" in page(imported)
    assert "method test only" in download(imported, "svg")


def test_simulated_judgements_are_said_to_be_simulated():
    study = make_study()
    make_judgements(study, wiser=3, of=3, origin="simulated")
    build_snapshot(study, method="repaired", now=NOW)
    assert "programs, not people" in page(study)


def test_hostile_titles_stay_words(judged: Study):
    CanonicalValuesCard.objects.update(title=HOSTILE, description=HOSTILE, policies=[HOSTILE])
    for query in ("", "?focus=Deep", "?view=tables", "?q=%22%3E%3Cscript"):
        assert "<script>alert" not in page(judged, query)
    svg = download(judged, "svg")
    assert "<script" not in svg
    ET.fromstring(svg)  # noqa: S314 - our own output
    ET.fromstring(download(judged, "graphml"))  # noqa: S314


def test_no_style_or_handler_is_written_inline(imported: Study):
    for query in ("", "?view=tables", "?whole=1"):
        text = page(imported, query)
        assert " style=" not in text
        assert " onclick=" not in text


@pytest.mark.parametrize(
    "query",
    [
        "?min=x&agree=-5&steps=99&snapshot=9999",
        "?focus=nobody",
        "?ctx=nowhere",
        "?vp=0&up=999&values=zzz&view=tables",
        "?min=" + "9" * 500,
    ],
)
def test_a_wrong_address_still_gives_a_page(judged: Study, query: str):
    assert "Moral graph" in page(judged, query)


def test_an_address_written_back_is_the_view_it_came_from():
    filters = Filters.read(QueryDict("ctx=a&ctx=b&min=3&agree=60&method=classic&q=a+b&focus=7&steps=2&view=tables"))
    assert Filters.read(QueryDict(filters.query()[1:])) == filters
    assert Filters().query() == "?"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_a_cell_is_never_a_formula(start: str):
    assert safe_cell(f"{start}cmd").startswith("'")


def test_the_csv_keeps_hostile_titles_as_text(judged: Study):
    CanonicalValuesCard.objects.filter(title="Deep").update(title='=HYPERLINK("x")')
    rows = list(csv.reader(io.StringIO(download(judged, "csv"))))
    assert rows[1][1] == '\'=HYPERLINK("x")'


def test_downloads_are_whole_files_with_their_labels(judged: Study):
    found = json.loads(download(judged, "json"))
    assert found["labels"] == []
    assert {card["title"] for card in found["cards"]} == {"Plain", "Deep", "Kind"}
    assert "participant" not in json.dumps(found["graph"])


def test_the_published_format_is_one_of_the_downloads(imported: Study):
    client = Client()
    client.force_login(make_member(study=imported))
    answer = client.get(f"/organizer/{imported.slug}/graph/download/published/?method=classic")
    assert answer["Content-Disposition"].endswith('.published.json"')
    assert answer.json() == json.loads((FIXTURE / "published_moral_graph.json").read_text())


def test_no_picture_is_drawn_that_nobody_could_read(judged: Study, monkeypatch: pytest.MonkeyPatch):
    client = Client()
    client.force_login(make_member(study=judged))
    address = f"/organizer/{judged.slug}/graph/download/svg/?whole=1"
    assert client.get(address).status_code == 200
    monkeypatch.setattr(selection, "MOST_CARDS", 2)
    assert client.get(address).status_code == 404


def test_a_search_narrows_both_tables(judged: Study):
    text = page(judged, "?view=tables&q=kind")
    assert text.count('scope="row"') == 2
    assert "Deep" not in text.split("<tbody>")[1]


def map_of(study: Study, query: str = "") -> dict[str, Any]:
    client = Client()
    client.force_login(make_member(study=study))
    return client.get(f"/organizer/{study.slug}/graph/map/{query}").json()


def test_a_graph_too_large_for_layers_opens_as_a_map(judged: Study, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(selection, "MOST_CARDS", 2)
    monkeypatch.setattr(selection, "FEW_CARDS", 1)
    text = page(judged)
    assert "data-map-url" in text
    assert '<a href="?focus=Deep" data-map-id="Deep">Deep</a>' in text
    assert 'class="graph-node' not in text


def test_around_a_value_as_many_steps_are_taken_as_can_be_read(judged: Study, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(selection, "MOST_CARDS", 2)
    monkeypatch.setattr(selection, "FEW_CARDS", 1)
    make_judgements(judged, wiser=5, of=5, first="Deep", second="Wide")
    build_snapshot(judged, method="repaired", now=NOW)
    assert page(judged, "?focus=Wide").count('class="graph-node') == 2


def test_the_map_says_what_the_tables_say(judged: Study):
    found = map_of(judged)
    assert found["title"] == ["Deep", "Kind"]
    assert [lane["text"] for lane in found["lanes"]] == ["When someone is tired"]
    assert (found["lanes"][0]["cards"], found["lanes"][0]["folded"]) == (3, 1)


def test_the_map_follows_the_filters_and_draws_what_is_searched(judged: Study):
    assert map_of(judged, "?min=6")["title"] == ["Deep"]
    found = map_of(judged, "?q=plain")
    assert [found["title"][place] for place in found["found"]] == ["Plain"]


def test_a_value_is_found_by_the_beginning_of_its_id(judged: Study):
    assert 'class="graph-node is-selected is-path" data-id="Plain"' in page(judged, "?focus=Plai")
    assert selection.short_names(["abcdef", "abcdxx", "1234567"])["abcdef"] == "abcde"
    assert selection.named("abcd", ["abcdef", "abcdxx"]) == ""


def in_front(**context: object) -> tuple[str, list[str]]:
    """Return what the panel says of a context whose graph has "Plain" ahead."""
    content = {"contexts": [{"key": "tired", "judgements": 9, "contenders": ["Plain"], **context}]}
    titles = {name: name for name in ("Plain", "Deep", "Warm")}
    (found,) = summaries(Snapshot(content=content), titles=titles, contexts={}, href=str)
    return found.standing, [title for title, _href in found.contenders]


def test_the_panel_names_the_values_of_the_confidence_set():
    wisest = {"standing": "several", "cards": ["Deep", "Warm"]}
    assert in_front(standing="settled", wisest_set=wisest) == ("several", ["Deep", "Warm"])


def test_without_enough_evidence_the_panel_says_who_is_ahead_in_the_graph():
    wisest = {"standing": "not_enough_evidence", "cards": ["Deep", "Plain", "Warm"]}
    assert in_front(standing="settled", wisest_set=wisest) == ("not_enough_evidence", ["Plain"])
    assert in_front(standing="settled") == ("not_enough_evidence", ["Plain"])


def test_a_graph_that_is_older_than_the_values_says_so(judged: Study):
    older = "since this graph was built"
    assert older not in page(judged)
    reconcile(judged, now=NOW)
    assert older in page(judged)
    build_snapshot(judged, method="repaired", now=NOW)
    assert older not in page(judged)


def test_a_value_without_upgrades_opens_its_card(judged: Study):
    make_judgements(judged, wiser=0, of=3, first="Deep", second="Alone")
    latent = build_snapshot(judged, method="bradley_terry", now=NOW)
    assert "Alone" not in latent.content["graph"]["cards"]
    text = page(judged, "?method=bradley_terry&focus=Alone")
    assert "No upgrade was kept to or from it" in text
    assert "Selected value" in text
    assert "Where it stands" in text
    assert text.count('class="graph-node') == 3


def test_a_value_that_the_filters_leave_out_keeps_its_card(judged: Study):
    text = page(judged, "?focus=Kind&min=6")
    assert "No upgrade to or from it passes these filters." in text
    assert "No upgrade was kept" not in text
