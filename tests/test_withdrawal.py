"""Withdrawal, over all apps: a person who said something everywhere leaves, and their words are nowhere."""

import json
import pickle
import shutil
import zlib
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from elicit.consent import record_consent
from elicit.conversations import begin, close_conversation, rate
from elicit.interviews import finish_interview, record_message, start_interview
from elicit.jobs import JobCancelled, JobProgress, run_queued_jobs
from elicit.llm.ledger import CallContext, record_call
from elicit.llm.prompts import Prompt
from elicit.models import (
    EntryLink,
    Exchange,
    Job,
    LlmCall,
    MessageRevision,
    PanelIdentity,
    Participant,
    SpendLease,
    Study,
    SurveyAnswer,
    Turn,
    TurnChunk,
    ValuesCard,
)
from elicit.my_data import own_data
from elicit.panels import unseal
from elicit.participants import withdraw
from elicit.rating import Feedback, Rating
from elicit.spending import lease
from elicit.study_links import create_study_link
from elicit.surveys import save_answers, save_draft, survey_of
from elicit.values_cards import Line, confirm_card, draft_card, edit_card
from moralgraph.alignment_targets import freeze_newest_target
from moralgraph.contexts import add_context
from moralgraph.deduplication import name_of
from moralgraph.draws import draw_judgement, reopen_judgement
from moralgraph.feedback import appeal, verify_own_card, verify_place
from moralgraph.judgements import answer_judgement
from moralgraph.models import (
    AlignmentTarget,
    Appeal,
    CanonicalValuesCard,
    CardEmbedding,
    CardVerification,
    Judgement,
    JudgementRevision,
    PlaceVerification,
    Report,
    SamenessConstraint,
    Snapshot,
    Upgrade,
)
from moralgraph.reconciliation.batch import reconcile
from moralgraph.reports import answer_appeal
from moralgraph.suggestions import SuggestedValue, suggest
from tests.make import NOW, make_browser, make_consenting_participant, make_judgements, make_study
from tests.training.site.conftest import SMALL
from training import datasets, recipes
from training.datasets import build_dataset, request_dataset
from training.models import Dataset, Evaluation, Run
from training.runs import finish_run, request_run
from training.supervision import notes_of

pytestmark = pytest.mark.django_db

CANARY = "quillonbrack"  # a word that nobody else writes and no list of words holds; small, so that it is no name
STEPS = "consent, interview, values_card, judgements, conversations, survey, closing"
MORE = """\
conversation:
  count: 1
  turns: 1
  models: [offline/plain, offline/warm]
  types: [{key: unguided, title: Anything, text: Whatever you like.}]
survey: {instrument: prism, parts: [wishes]}
closing: {instrument: closing}
judgements: {count: 1}
"""
EVERYTHING = {"explore": True, "train": True}


def said(words: str) -> str:
    return f"{words} {CANARY}"


def be_interviewed(person: Participant) -> None:
    interview = start_interview(person, person.study.questions.first(), now=NOW)
    record_message(interview, said("I stay awake for"), idempotency_key="m", now=NOW)
    finish_interview(interview, now=NOW)
    card = draft_card(interview)
    lines = [Line(said(f"Signs number {number} of"), source=0) for number in range(3)]
    card = edit_card(card, title=said("Care for"), description=said("I look for"), lines=lines, revision=card.revision)
    confirm_card(card, fit=4, now=NOW)
    ValuesCard.objects.filter(pk=card.pk).update(fit_reason=said("It left out"))


def judge(person: Participant) -> Judgement:
    draw = draw_judgement(person, now=NOW)
    assert draw is not None
    answer_judgement(person, draw.token, "wiser", now=NOW, why=said("At first"))
    again = reopen_judgement(person, 1)
    assert again is not None
    return answer_judgement(person, again.token, "less_wise", now=NOW, why=said("Later"))


def know_a_wiser_one(person: Participant, judgement: Judgement) -> None:
    """Suggest a value, be told a story about one's own card, and be interviewed about what becomes a context."""
    wiser = SuggestedValue(said("Calm"), [said("Signs"), said("Moments"), said("Words")])
    suggest(judgement, above=judgement.second, value=wiser, why=said("It lasts"), now=NOW)
    about = Upgrade.objects.filter(second__worded_by=person)
    assert about.update(story_forward=said("Somebody"), mapping=[{"policy": said("Signs")}])
    add_context(
        person.study, {"en": said("When somebody says")}, source="transcript", state="proposed", found_in=person
    )


def converse(person: Participant) -> None:
    exchange = begin(person, "unguided", said("Tell me about"), idempotency_key="c", now=NOW)
    run_queued_jobs()
    exchange.refresh_from_db()
    exchange.utterances.update(text=said("You asked about"))
    rate(exchange, Rating({"A": 1, "B": 1}, all_bad=True, reason=said("Bad for")), now=NOW)
    close_conversation(exchange.conversation, Feedback({}, {}, open_text=said("All of it:")), now=NOW)


def fill_in_survey(person: Participant) -> None:
    survey = survey_of(person, "closing")
    for save in (save_draft, lambda *given, **more: save_answers(*given, **more, now=NOW)):
        save(person, survey.parts[0], {"closing_comment": said("It was")}, survey=survey)


def come_from_a_panel(study: Study) -> Participant:
    """Let somebody begin through a panel that knows them by the canary, in a browser that stays."""
    entry = f"/panel/{create_study_link(study, label='launch', panel='assembly', now=NOW)}/"
    browser = Client()
    page = browser.get(entry, {"who": CANARY}, follow=True)
    browser.post(entry, {"language": "en", "key": page.context["form"]["key"].value()})
    return PanelIdentity.objects.get().participant


def leave_half_a_turn(person: Participant) -> None:
    """Leave what a worker leaves that was stopped: a turn with its words so far, and a sentence that was changed."""
    interview = person.interviews.get()
    answer = interview.messages.filter(author="participant").first()
    MessageRevision.objects.create(message=answer, number=1, text=said("At first I wrote"), replaced_at=NOW)
    job = Job.objects.create(study=person.study, kind="interview_turn", key="half", payload={}, state="failed")
    turn = Turn.objects.create(interview=interview, number=99, state="interrupted", job=job, created_at=NOW)
    TurnChunk.objects.create(turn=turn, attempt=1, number=1, text=said("You said that"))
    for model in (LlmCall, SpendLease):
        own = {"model_name": "m", "outcome": "ok"} if model is LlmCall else {"amount_usd": 1, "expires_at": NOW}
        model.objects.create(study=person.study, participant_code=person.code, **own)


def walk(study: Study) -> Participant:
    """Let somebody agree to everything and leave the canary wherever words can be left."""
    person = come_from_a_panel(study)
    make_browser(person)
    record_consent(person, {"take_part": True, **EVERYTHING}, now=NOW)
    be_interviewed(person)
    leave_half_a_turn(person)
    know_a_wiser_one(person, judge(person))
    converse(person)
    fill_in_survey(person)
    return person


def judge_the_card_of(person: Participant) -> None:
    """Let another person judge the card, so that its place in the graph must outlive its words."""
    card = CanonicalValuesCard.objects.get(worded_by=person)
    other = CanonicalValuesCard.objects.of_study(person.study).exclude(pk=card.pk).first()
    judge_row = Judgement.objects.filter(study=person.study).exclude(participant=person).first()
    Judgement.objects.create(
        study=person.study, participant=make_consenting_participant(person.study, **EVERYTHING),
        context=judge_row.context, first=other, second=card, lower=min(card.pk, other.pk),
        upper=max(card.pk, other.pk), number=1, answer="wiser", answered_at=NOW,
    )  # fmt: skip


def train_on(study: Study) -> Run:
    """Freeze a target and stand in for the engine: a dataset with its words on disk, and a finished run."""
    target = freeze_newest_target(study, now=NOW)
    dataset = request_dataset(target, recipe_name="tiny_cpu", seed=0)
    write_files(dataset)
    Dataset.objects.filter(pk=dataset.pk).update(state="ready", content_hash="h" * 64)
    dataset.refresh_from_db()
    run = request_run(dataset, recipe_name="tiny_cpu", seed=0)
    Run.objects.filter(pk=run.pk).update(state="done", finished_at=NOW)
    leave_errors(run)
    return run


def leave_errors(run: Run) -> None:
    """Let the engine have quoted a row where it failed."""
    run.folder.mkdir(parents=True)
    notes_of(run.folder).mkdir()
    (notes_of(run.folder) / "engine.log").write_text(said("Wrong row:"))
    Run.objects.filter(pk=run.pk).update(error=said("Wrong row:"))
    Job.objects.filter(pk=run.job_id).update(error=said("Wrong row:"))


def write_files(dataset: Dataset) -> None:
    datasets.write_target(dataset)
    for folder in (dataset.folder, dataset.folder.with_name(f".{dataset.folder.name}.cut-off")):
        (folder / "blocks").mkdir(parents=True)
        (folder / "blocks" / "train.jsonl").write_text(json.dumps(dataset.alignment_target.content))


def speak_about_a_report(person: Participant) -> None:
    """Let somebody say of a published report what they think, and the organizers repeat it."""
    snapshot = Snapshot.objects.filter(study=person.study).last()
    report = Report.objects.create(study=person.study, snapshot=snapshot, number=1, created_at=NOW, published_at=NOW)
    verify_own_card(person, 1, answer="different", why=said("Mine is"), now=NOW)
    verify_place(person, 1, answer="not_fair", why=said("Too low for"), now=NOW)
    asked = appeal(person, words=said("Look again at"), number=1, now=NOW)
    answer_appeal(asked, words=said("You asked of"), by=None, now=NOW)
    assert report.is_standing


def put_together(person: Participant) -> None:
    """Let an organizer say something of the words in every place for that."""
    own = name_of(person.values_cards.get(), origin=person.origin)
    SamenessConstraint.objects.create(
        study=person.study, kind="cannot_link", first_hash="0", second_hash=own, reason=said("This is not"), made_at=NOW
    )
    CardEmbedding.objects.create(study=person.study, words_hash=own, model_name="m", vector=said("Near").encode())
    reconcile(person.study, now=NOW, reason=said("Looked again at"))


@pytest.fixture
def person(settings: Any) -> Participant:
    settings.PANEL_KEY = [Fernet.generate_key().decode()]
    settings.PANELS = {"assembly": {"participant": "who", "exit_url": "https://assembly.example.org/{code}"}}
    study = make_study(slug="leaving", steps=STEPS, more=MORE)
    judged = make_judgements(study, wiser=3, of=4)[0]
    Upgrade.objects.create(study=study, context=judged.context, first=judged.first, second=judged.second)
    somebody = walk(study)
    judge_the_card_of(somebody)
    put_together(somebody)
    train_on(study)
    speak_about_a_report(somebody)
    return somebody


def rows_with(words: str) -> Iterator[str]:
    """Yield every column of every row of every model that holds the words, sessions and what is sealed included."""
    for model in apps.get_models():
        for row in model._default_manager.all():
            values = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
            if hasattr(row, "get_decoded"):
                values["session_data"] = row.get_decoded()
            if isinstance(row, PanelIdentity) and row.sealed:
                values["sealed"] = unseal(bytes(row.sealed)).participant
            for name, value in values.items():
                shown = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
                if words.casefold() in shown.casefold():
                    yield f"{model.__name__}.{name}"


def files_with(words: str, *, but: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield every file under the data folder that holds the words, or has them in its name."""
    for folder in (Path(settings.DATA_DIR), Path(settings.TRAINING_DIR)):
        for path in folder.rglob("*"):
            if not path.is_file() or but & set(path.parts):
                continue
            if words.casefold() in path.name.casefold() or words.casefold().encode() in path.read_bytes().lower():
                yield str(path)


def cached_with(words: str) -> list[str]:
    """Return every key of the cache, in files or in Redis, whose name or value holds the words."""
    cache = caches["default"]
    if not hasattr(cache, "_dir"):  # Redis
        client = cache._cache.get_client()
        entries = {key: client.get(key) if client.type(key) == b"string" else b"" for key in client.keys("*")}
        return [str(key) for key, value in entries.items() if words.encode() in key + (value or b"")]
    files = [path for path in Path(cache._dir).rglob("*.djcache") if path.is_file()]
    return [str(path) for path in files if words.encode() in zlib.decompress(expiry_cut_off(path.read_bytes()))]


def expiry_cut_off(stored: bytes) -> bytes:
    """Return what Django's file cache keeps after the pickled time at which an entry ends."""
    file = BytesIO(stored)
    pickle.load(file)  # noqa: S301 - our own cache
    return file.read()


def test_the_search_finds_the_words_wherever_they_are_kept(person: Participant) -> None:
    expected = {
        "Message.text", "ValuesCard.title", "ValuesCard.description", "ValuesCard.policies", "ValuesCard.evidence",
        "CanonicalValuesCard.title", "CanonicalValuesCard.policies", "Judgement.why", "JudgementRevision.why",
        "Suggestion.title", "Suggestion.policies", "Suggestion.why", "Upgrade.story_forward", "Upgrade.mapping",
        "Context.text", "Partition.reason", "SamenessConstraint.reason", "CardEmbedding.vector",
        "Exchange.prompt", "Exchange.all_bad_reason", "Utterance.text", "ConversationFeedback.open_text",
        "SurveyAnswer.value", "AlignmentTarget.content", "Run.error", "Job.error", "ValuesCard.fit_reason",
        "MessageRevision.text", "TurnChunk.text", "PanelIdentity.sealed", "CardVerification.why",
        "PlaceVerification.why", "Appeal.words", "Appeal.answer",
    }  # fmt: skip
    assert expected == set(rows_with(CANARY)) - {"CanonicalValuesCard.description"}
    assert len(list(files_with(CANARY))) == 4


def test_whatever_somebody_left_they_can_take_home(person: Participant) -> None:
    mine = json.dumps(own_data(person), default=str, ensure_ascii=False)
    left = (
        "I stay awake for", "At first I wrote", "You said that", "Care for", "It left out", "At first", "Later",
        "Tell me about", "You asked about", "Bad for", "All of it:", "It was", "Calm", "It lasts", "Mine is",
        "Too low for", "Look again at", "You asked of",
    )  # fmt: skip
    assert [words for words in left if said(words) not in mine] == []
    assert mine.count(f'"{CANARY}"') == 1  # under which the panel knows them


def test_after_withdrawal_the_words_are_nowhere(person: Participant) -> None:
    code = person.code
    withdraw(person, now=NOW)
    assert list(rows_with(CANARY)) == []
    assert list(files_with(CANARY)) == []
    assert list(rows_with(code)) == []
    assert cached_with(CANARY) == cached_with(code) == []


def test_the_search_of_the_cache_finds_what_is_there() -> None:
    caches["default"].set("probe", said("Found:"))
    assert cached_with(CANARY)
    caches["default"].delete("probe")


def test_no_link_session_or_panel_number_leads_back_to_who_withdrew(person: Participant) -> None:
    withdraw(person, now=NOW)
    assert not EntryLink.objects.filter(participant=person).exists()
    assert not PanelIdentity.objects.exists()
    assert all("panel_visits" not in session.get_decoded() for session in Session.objects.all())


def test_jobs_and_the_ledger_no_longer_say_for_whom_they_worked(person: Participant) -> None:
    calls, leases = LlmCall.objects.count(), SpendLease.objects.count()
    withdraw(person, now=NOW)
    assert (LlmCall.objects.count(), SpendLease.objects.count()) == (calls, leases)
    assert not LlmCall.objects.exclude(participant_code="").filter(model_name="m").exists()
    assert all(set(map(type, job.payload.values())) <= {int, str, bool, list} for job in Job.objects.all())


def test_a_published_report_goes_from_the_public_page_with_who_withdrew(person: Participant) -> None:
    withdraw(person, now=NOW)
    page = Client().get("/reports/leaving/")
    assert page.status_code == 410
    assert CANARY not in page.content.decode()
    assert not (Appeal.objects.exists() or PlaceVerification.objects.exists() or CardVerification.objects.exists())


def test_what_was_built_is_retired_and_its_hashes_stay(person: Participant) -> None:
    hashes = list(AlignmentTarget.objects.values_list("content_hash", flat=True))
    withdraw(person, now=NOW)
    assert not Snapshot.objects.filter(retired_at=None).exists()
    assert not AlignmentTarget.objects.filter(retired_at=None).exists()
    assert list(AlignmentTarget.objects.values_list("content_hash", flat=True)) == hashes
    dataset = Dataset.objects.get()
    assert (dataset.state, dataset.content_hash) == ("retired", "h" * 64)
    assert Run.objects.get().summary["trained_before_withdrawal"]


def test_others_keep_their_answers_and_a_judged_card_keeps_its_place(person: Participant) -> None:
    before = Judgement.objects.exclude(participant=person).count()
    withdraw(person, now=NOW)
    assert Judgement.objects.count() == before
    emptied = CanonicalValuesCard.objects.get(title="Withdrawn value")
    assert (emptied.policies, emptied.worded_by) == ([], None)
    assert not JudgementRevision.objects.exists()


def test_jobs_of_the_study_hold_no_words_and_waiting_ones_are_stopped(person: Participant) -> None:
    withdraw(person, now=NOW)
    assert not Job.objects.filter(kind=datasets.JOB_KIND, state="queued").exists()
    run_queued_jobs()
    assert Dataset.objects.get().state == "retired"
    assert list(files_with(CANARY)) == []


def test_a_dataset_that_is_being_built_leaves_no_file(person: Participant, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = request_dataset(AlignmentTarget.objects.get(), recipe_name="tiny_cpu", seed=1)

    def engine_that_is_overtaken(arguments: list[str], *, watch: Path, progress: JobProgress) -> None:
        withdraw(person, now=NOW)
        watch.mkdir(parents=True)
        (watch / "manifest.json").write_text(CANARY)

    monkeypatch.setattr(datasets, "run_engine", engine_that_is_overtaken)
    build_dataset(JobProgress(dataset.job))
    dataset.refresh_from_db()
    assert dataset.state == "retired"
    assert list(files_with(CANARY)) == []


def test_a_cancelled_build_leaves_no_file_either(person: Participant, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = request_dataset(AlignmentTarget.objects.get(), recipe_name="tiny_cpu", seed=1)

    def engine_that_is_stopped(arguments: list[str], *, watch: Path, progress: JobProgress) -> None:
        withdraw(person, now=NOW)
        datasets.write_target(dataset)
        raise JobCancelled("stopped")

    monkeypatch.setattr(datasets, "run_engine", engine_that_is_stopped)
    with pytest.raises(JobCancelled):
        build_dataset(JobProgress(dataset.job))
    assert list(files_with(CANARY)) == []


def test_a_run_that_finishes_after_the_withdrawal_keeps_its_mark(person: Participant) -> None:
    run = Run.objects.get()
    withdraw(person, now=NOW)
    finish_run(run)
    run.refresh_from_db()
    assert run.state == "done"
    assert run.summary["trained_before_withdrawal"]


def test_a_run_that_has_not_begun_never_does(person: Participant) -> None:
    waiting = request_run(Dataset.objects.get(), recipe_name="tiny_cpu", seed=7)
    withdraw(person, now=NOW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.job.state) == ("cancelled", "cancelled")


def test_an_answer_on_its_way_to_somebody_who_left_is_dropped() -> None:
    person = make_consenting_participant(make_study(steps="consent, conversations", more=MORE))
    begin(person, "unguided", said("Late"), idempotency_key="c", now=NOW)
    withdraw(person, now=NOW)
    run_queued_jobs()
    assert not Exchange.objects.exists()
    assert not Job.objects.filter(state="failed").exists()
    assert list(rows_with(CANARY)) == []


def test_survey_answers_of_others_stay(person: Participant) -> None:
    other = make_consenting_participant(person.study)
    survey = survey_of(other, "closing")
    save_draft(other, survey.parts[0], {"closing_comment": "Mine"}, survey=survey)
    withdraw(person, now=NOW)
    assert SurveyAnswer.objects.get().participant == other


@pytest.mark.slow
def test_a_real_run_holds_the_words_in_its_weights_folder_alone(
    person: Participant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The engine's records of a run name cards by id; what the model and its tokenizer learned cannot be recalled."""
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "small.yaml").write_text(yaml.safe_dump({**SMALL, "max_length": 512}))
    monkeypatch.setattr(recipes, "FOLDER", folder)
    Job.objects.all().delete()
    shutil.rmtree(settings.TRAINING_DIR)
    dataset = request_dataset(AlignmentTarget.objects.get(), recipe_name="small", seed=1)
    run_queued_jobs()
    dataset.refresh_from_db()
    run = request_run(dataset, recipe_name="small", seed=1)
    run_queued_jobs()
    assert not Job.objects.exclude(state="done").exists(), list(Job.objects.values_list("kind", "state", "error"))
    assert Evaluation.objects.get().run == run
    assert list(files_with(CANARY, but=frozenset({"model"})))
    withdraw(person, now=NOW)
    assert list(rows_with(CANARY)) == []
    assert list(files_with(CANARY, but=frozenset({"model"}))) == []


def test_a_call_that_ends_after_its_person_withdrew_is_nobodys(person: Participant) -> None:
    code, call = person.code, CallContext(person.study, "interview", participant_code=person.code)
    withdraw(person, now=NOW)
    lease(person.study, Decimal(0), participant_code=code, now=NOW)
    record_call(call, model_name="late", prompt=Prompt((), "", ""), outcome="ok")
    assert LlmCall.objects.get(model_name="late").participant_code == ""
    assert list(rows_with(code)) == []
