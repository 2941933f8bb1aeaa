"""An organizer's pages in a real browser: on a desk and on a phone, light and dark, with axe and without overflow."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from elicit.jobs import run_queued_jobs
from elicit.models import Job, LlmCall, Participant, SpendLease, Study
from elicit.participants import invite
from elicit.releases import hold_if_flagged
from elicit.roles import add_member
from elicit.simulating import simulate
from elicit.simulation import load_personas
from elicit.studies import load_study, open_study
from elicit.study_links import create_study_link
from elicit.versions import freeze
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.snapshots import build_snapshot
from tests.browser.watching import assert_accessible, assert_fits
from tests.make import NOW, make_confirmed_card, make_member, make_participant, make_study
from training.models import Dataset, Evaluation, Run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WINDOWS = [(1280, 860), (390, 844)]
PAGES = {
    "studies": "",
    "study": "demo/",
    "draft": "draft/",
    "participants": "demo/participants/",
    "participants of one state": "demo/participants/?state=finished",
    "participant": "demo/participants/somebody/",
    "transcript": "demo/participants/somebody/transcript/",
    "links": "demo/links/",
    "cards": "demo/cards/",
    "design": "demo/design/",
    "changes": "demo/design/2/changes/",
    "money": "demo/money/",
    "data": "demo/data/",
    "contexts": "demo/contexts/",
    "graph": "demo/graph/",
    "graph as tables": "demo/graph/?view=tables",
    "how sure": "demo/graph/sure/",
    "comparison": "demo/graph/compare/",
    "training": "demo/training/",
    "dataset": "demo/training/datasets/1/",
    "run": "demo/training/runs/1/",
    "run under way": "demo/training/runs/2/",
}
SHARE = {"value": 0.5, "by_prompt": [0.4, 0.6], "by_value": [0.3, 0.7]}
RESULT = {"reversal": SHARE, "anti_reversal": SHARE, "directional": SHARE, "interaction": SHARE}
CONTROLS = {
    "shuffled_messages": {"null": [-0.1, 0.1], "net_reversal": 0.01, "holds": True},
    "foreign_messages": {"directional": SHARE, "reversal": SHARE, "holds": False},
    "empty_message": {"first_moves": SHARE, "second_moves": SHARE},
    "paraphrase": RESULT,
}
SPLIT = {
    "pairs": 6,
    "prompts": 3,
    "values": 4,
    "verdict": "not distinguishable",
    "results": dict.fromkeys(("model", "untrained", "lexical baseline"), RESULT),
    "controls": CONTROLS,
}
REPORT = {
    "kind": "pipeline check",
    "kind_reason": "templates wrote the answers",
    "controls_not_run": ["human pairs"],
    "splits": {"unseen_prompts": SPLIT},
}
BLOCK = {
    "prompt": "What matters most when someone is tired?",
    "messages": [{"text": "Attend to silences.\n- and to hours"}, {"text": "Attend to plain words."}],
    "answers": [{"text": "I would leave room."}, {"text": "I would say it plainly."}],
}


@pytest.fixture
def demo(live_server: Any) -> Study:
    """The demo study with three simulated people, a graph, a target, a dataset and two runs that nobody trained."""
    text = (Path(settings.BASE_DIR) / "studies" / "demo.yaml").read_text()
    study = open_study(load_study(text, now=NOW))
    make_study(slug="draft", is_open=False)
    simulate(study, list(load_personas()[:3]), seed=1, now=NOW)
    build_snapshot(study, method="repaired", now=NOW)
    dataset = write_dataset(study)
    write_runs(dataset)
    run_queued_jobs()
    write_troubles(study, text)
    return study


def write_troubles(study: Study, text: str) -> None:
    """Leave something on every page that organizers have to see to: links, a held card, money, a fault, a change."""
    Participant.objects.filter(pk=Participant.objects.first().pk).update(code="somebody")
    invite(study, count=2, now=NOW)
    create_study_link(study, label="Poster", most_participants=30, now=NOW)
    hold_if_flagged(make_confirmed_card(make_participant(study, origin="simulated"), policies=["Mails to a@b.example"]))
    LlmCall.objects.create(study=study, purpose="interview", model_name="m", outcome="ok", cost_usd=Decimal("0.1"))
    SpendLease.objects.create(study=study, amount_usd=Decimal("0.1"), state="settled", expires_at=NOW)
    Job.objects.create(study=study, kind="x", key="x", state="failed", error="LLMError: No answer.", finished_at=NOW)
    freeze(study.current_version, now=NOW)
    load_study(text.replace("minutes: ", "minutes: 1", 1), now=NOW)
    Study.objects.filter(pk=study.pk).update(spend_cap_usd=Decimal("0.12"))


def write_dataset(study: Study) -> Dataset:
    """Write a dataset as the engine would have left it, as far as its page reads it."""
    summary = {
        "recipe": "tiny_cpu",
        "labels": ["simulated"],
        "cards": {"seed": 12, "simulated": 3, "synthetic": 30},
        "blocks": {"train": 100, "validation": 10, "unseen_prompts": 20},
        "refused": 0,
        "answer_writers": ["template"],
    }
    dataset = Dataset.objects.create(
        study=study, alignment_target=freeze_newest_target(study, now=NOW), number=1, state=Dataset.State.READY,
        content_hash="0" * 64, summary=summary,
    )  # fmt: skip
    (dataset.folder / "blocks").mkdir(parents=True)
    (dataset.folder / "blocks" / "train.jsonl").write_text(json.dumps(BLOCK) + "\n")
    return dataset


def write_runs(dataset: Dataset) -> None:
    """Write a run that has been evaluated, and one that is under way."""
    shared = {"study": dataset.study, "dataset": dataset, "recipe_name": "tiny_cpu", "started_at": NOW}
    done = Run.objects.create(number=1, state=Run.State.DONE, finished_at=NOW, **shared)
    Evaluation.objects.create(run=done, report=REPORT, model_card="# Model card\n\nA pipeline check.\n")
    Run.objects.create(number=2, state=Run.State.RUNNING, **shared)
    done.folder.mkdir(parents=True)
    losses = [{"stage": "1-sft", "step": step, "loss": 7 - step, "validation_loss": 7.5 - step} for step in range(5)]
    (done.folder / "metrics.jsonl").write_text("".join(json.dumps(loss) + "\n" for loss in losses))


@pytest.fixture
def signed_in(demo: Study, live_server: Any, open_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens a watched page as the study's organizer."""
    client, ada = Client(), make_member(study=demo, username="ada")
    add_member(Study.objects.get(slug="draft"), user=ada, role="organizer")
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")

    def opened(**options: Any) -> Any:
        page = open_page(**options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return page

    return opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_an_organizer_is_accessible_and_fits(signed_in: Callable[..., Any], scheme: str):
    page = signed_in(color_scheme=scheme, reduced_motion="reduce")
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        for name, path in PAGES.items():
            assert page.goto(f"/organizer/{path}").status == 200, name
            assert page.url.endswith(f"/organizer/{path}"), name
            assert_accessible(page)
            assert_fits(page, width=width)
            assert page.complaints == [], name
            is_marked = page.locator(".banner", has_text="programs, not people").count() == 1
            assert is_marked == (name not in {"studies", "draft"}), name


def test_every_page_of_an_organizer_fits_the_narrowest_screen(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 320, "height": 640})
    for path in PAGES.values():
        page.goto(f"/organizer/{path}")
        assert_fits(page)


def test_new_links_are_shown_once_and_open_the_study(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 390, "height": 844})
    page.goto("/organizer/demo/links/")
    page.get_by_label("How many").fill("2")
    with page.expect_navigation():
        page.get_by_role("button", name="Make links").click()
    links = page.locator("main li code")
    links.first.wait_for()
    assert links.count() == 2
    assert_accessible(page)
    assert_fits(page)
    page.goto(links.first.inner_text())
    page.get_by_role("button", name="Begin").wait_for()
    assert page.complaints == []


def test_new_links_are_saved_as_a_file_as_often_as_wanted(signed_in: Callable[..., Any]):
    page = signed_in()
    page.goto("/organizer/demo/links/")
    page.get_by_role("button", name="Make links").click()
    for _ in range(2):
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save as CSV").click()
        assert "/join/" in Path(saved.value.path()).read_text()


def test_a_preview_is_marked_on_its_pages_and_starts_again(signed_in: Callable[..., Any]):
    page = signed_in(viewport={"width": 390, "height": 844})
    page.goto("/organizer/demo/")
    page.get_by_role("button", name="Preview as participant").click()
    page.get_by_text("Preview: nothing of this counts.").wait_for()
    assert_accessible(page)
    assert_fits(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Start the preview again").click()
    page.get_by_text("Preview: nothing of this counts.").wait_for()
    assert Participant.objects.filter(origin="preview").count() == 2
    assert page.complaints == []


def test_a_held_card_is_released_by_the_keyboard(signed_in: Callable[..., Any]):
    page = signed_in()
    page.goto("/organizer/demo/cards/")
    page.get_by_role("button", name="Release").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("Saved: Released.").wait_for()
    assert page.get_by_role("heading", name="No card waits").count() == 1


def test_an_organizer_signs_in(demo: Study, open_page: Callable[..., Any]):
    make_member(study=demo, username="ada")
    page = open_page()
    page.goto("/organizer/demo/")
    assert page.title() == "Sign in \N{MIDDLE DOT} Wellspring"
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("not a real secret")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="When someone comes with something hard").wait_for()
    assert page.complaints == []


def test_the_study_page_keeps_itself_up_to_date_until_it_is_paused(signed_in: Callable[..., Any]):
    page = signed_in()
    page.goto("/organizer/demo/")
    with page.expect_response("**/organizer/demo/progress/"):
        page.locator(".saved[data-state=live]").wait_for()
    page.get_by_role("button", name="Pause updates").click()
    page.locator(".saved[data-state=paused]").wait_for()
    assert page.complaints == []
