"""Following a turn: every page sees all of it, from wherever it begins, and holds nothing while it waits."""

import asyncio
import json
import threading
import time

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, connection, connections
from django.test import AsyncClient, Client
from django.utils import timezone

from elicit import turn_log, turns
from elicit.models import Message, Turn
from elicit.participants import withdraw
from elicit.turn_log import LOG, Standing, TurnLog, joined
from elicit.views.turns import Tail, event, read_after
from tests.elicit.turning import MODEL, NOW, QUESTION, attempt_at, begin, make_model_led, play, say, the_turn, work
from tests.make import make_browser, make_participant

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60  # seconds; a wait ends as soon as it can


@pytest.fixture(autouse=True)
def models(settings):
    settings.LLM_PURPOSES = {"interview": [MODEL]}
    settings.TURN_STALE_SECONDS = 3_600  # nobody's silence counts, unless the test is about it


@pytest.fixture
def interview():
    talk = begin(make_model_led())
    say(talk)
    return talk


@pytest.fixture
def browser(interview):
    return make_browser(interview.participant)


def address(interview, after=""):
    slug = interview.participant.study.slug
    return f"/study/{slug}/interview/turns/{the_turn(interview).pk}/stream?after={after}"


def events_in(text):
    """Return the events of a stream as pairs of name and data."""
    found = []
    for block in text.split("\n\n"):
        if block.startswith("event: "):
            name, data = block.removeprefix("event: ").split("\ndata: ")
            found.append((name, json.loads(data)))
    return found


def words_in(events):
    return "".join(data["text"] for name, data in events if name == "delta")


def read(response):
    return events_in(b"".join(response.streaming_content).decode())


def eventually(happened):
    """Wait until it has happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "It did not happen."
        time.sleep(0.02)


def seen(turn):
    """Return how many words whoever follows a turn has been shown; None before the first look, or without anybody."""
    followed = LOG._followed.get(turn)
    return len(followed.standing.words) if followed and followed.standing else None


def write(interview, *pieces, end=QUESTION):
    """Be the worker: write pieces that whoever follows has seen, then keep a message if there is one to keep."""
    attempt = attempt_at(interview)
    assert turns.take_up(attempt, now=timezone.now())
    for number, piece in enumerate(pieces, start=1):
        assert turns.add_words(attempt, number=number, text=piece, now=timezone.now())
        eventually(lambda number=number: seen(attempt.turn) in (None, number))
    if end:
        turns.keep_question(attempt, turns.Written(end), now=timezone.now())


def in_a_thread(work):
    """Begin something beside the test, with a connection of its own."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def once_followed(interview, work):
    """Begin something beside the test as soon as a page has seen how it stands with the turn."""
    turn = the_turn(interview).pk
    return in_a_thread(lambda: (eventually(lambda: seen(turn) is not None), work()))


def test_the_words_arrive_while_they_are_written_and_then_the_end(interview, browser):
    writing = once_followed(interview, lambda: write(interview, "You stayed", " beside him."))
    events = read(browser.get(address(interview)))
    writing.join()
    assert words_in(events) == "You stayed beside him."
    assert events[-1] == ("done", {})
    assert [data["state"] for name, data in events if name == "state"][-1] == "done"


def test_two_tabs_see_the_same_words(interview, browser):
    write(interview, "You stayed", " beside him.", end="")
    in_a_thread(lambda: turns.keep_question(attempt_at(interview), turns.Written("X?"), now=timezone.now())).join()
    streams = [Tail(after="", language="en") for _ in range(2)]
    standing = Standing(the_turn(interview), ("You stayed", " beside him."))
    texts = [stream.news(FakeFollower(standing)) for stream in streams]
    assert texts[0] == texts[1]


class FakeFollower:
    """A follower that stands still."""

    is_gone = False

    def __init__(self, standing):
        self.standing = standing


def test_a_page_that_comes_back_gets_only_what_it_lacks(interview, browser):
    write(interview, "You stayed", " beside him.", end="")
    ending = once_followed(interview, lambda: turns.go_on_without(interview, now=NOW))
    events = read(browser.get(address(interview, after="1.1")))
    ending.join()
    assert words_in(events) == " beside him."


def test_a_new_process_gives_everything_from_the_beginning(interview):
    write(interview, "You stayed", " beside him.", end="")
    bell, log = threading.Event(), TurnLog()
    with log.following(the_turn(interview).pk, bell.set) as follower:
        assert bell.wait(PATIENCE)
        assert "".join(follower.standing.words) == "You stayed beside him."


def test_a_new_attempt_begins_anew(interview, browser):
    write(interview, "You stayed", end="")
    turns.interrupt(attempt_at(interview), trouble="broken_off", now=NOW)
    turns.retry_turn(interview, now=timezone.now())
    writing = once_followed(interview, lambda: write(interview, "Another beginning."))
    events = read(browser.get(address(interview, after="1.1")))
    writing.join()
    assert events[0] == ("restart", {})
    assert words_in(events) == "Another beginning."


def test_whoever_looks_interrupts_a_turn_whose_worker_died(interview, browser, settings):
    settings.TURN_STALE_SECONDS = 1
    write(interview, "You stayed", end="")
    text = b""
    for piece in browser.get(address(interview)).streaming_content:
        text += piece
        if b'"interrupted"' in text:
            turns.go_on_without(interview, now=NOW)
    states = {data["state"]: data for name, data in events_in(text.decode()) if name == "state"}
    assert states["interrupted"]["ways"] == ["retry", "continue"]
    assert "Your words are saved" in states["interrupted"]["sentence"]


def test_the_stream_of_a_finished_turn_ends_at_once(interview, browser):
    write(interview, "You stayed.")
    assert [name for name, _ in read(browser.get(address(interview, after="1.1")))] == ["state", "done"]


def test_a_withdrawn_person_s_stream_ends(interview, browser):
    leaving = once_followed(interview, lambda: withdraw(interview.participant, now=NOW))
    events = read(browser.get(address(interview)))
    leaving.join()
    assert events[-1] == ("done", {})


def test_nobody_can_follow_another_person_s_turn(interview):
    stranger = make_browser(make_participant(interview.participant.study))
    assert stranger.get(address(interview)).status_code == 404
    assert Client().get(address(interview)).status_code == 404


def test_the_headers_keep_proxies_from_holding_words_back(interview, browser):
    write(interview)
    response = browser.get(address(interview))
    assert response["Content-Type"].startswith("text/event-stream")
    assert "no-transform" in response["Cache-Control"]
    assert response["X-Accel-Buffering"] == "no"


def test_one_reader_serves_everybody_and_stops_when_nobody_follows(interview):
    log, bells = TurnLog(), [threading.Event() for _ in range(5)]
    readers = set()
    with log.following(the_turn(interview).pk, bells[0].set):
        for bell in bells[1:]:
            with log.following(the_turn(interview).pk, bell.set):
                readers.add(log._thread)
    assert len(readers) == 1
    eventually(lambda: not log.is_reading)


def test_words_come_within_a_tenth_of_a_second_or_two(interview, monkeypatch):
    """Counted in readings, because a busy machine stretches every second."""
    bell, log, readings = threading.Event(), TurnLog(), []
    read_rows = log._read

    def read_and_note():
        read_rows()
        readings.append(any(each.standing and each.standing.words for each in log._followed.values()))

    monkeypatch.setattr(log, "_read", read_and_note)
    with log.following(the_turn(interview).pk, bell.set):
        attempt = attempt_at(interview)
        turns.take_up(attempt, now=timezone.now())
        assert bell.wait(PATIENCE)
        turns.add_words(attempt, number=1, text="You", now=timezone.now())
        written_by = len(readings)
        eventually(lambda: True in readings)
    assert turn_log.SECONDS_BETWEEN_READS <= 0.1
    assert readings.index(True) <= written_by + 1


def test_a_missing_piece_is_never_skipped(interview):
    write(interview, "You ", "stayed ", "beside", end="")
    turn = the_turn(interview)
    chunks = list(turn.chunks.order_by("number"))
    assert joined((), turn, [chunks[0], chunks[2]]) == ("You ",)
    assert joined(("You ",), turn, [chunks[2], chunks[1]]) == ("You ", "stayed ", "beside")


def test_under_asgi_the_stream_is_the_same_and_holds_no_connection(interview):
    browser = make_browser(interview.participant)
    client = AsyncClient()
    client.cookies = browser.cookies
    held = []

    async def follow():
        response = await client.get(address_now)
        assert isinstance(response.asgi_request, ASGIRequest)
        text = b""
        async for piece in response.streaming_content:
            held.append(connection.connection is not None)
            text += piece
        return events_in(text.decode())

    address_now = address(interview)
    writing = once_followed(interview, lambda: write(interview, "You stayed", " beside him."))
    found = []
    following = in_a_thread(lambda: found.append(asyncio.run(follow())))  # a loop may run in this thread already
    following.join()
    writing.join()
    (events,) = found
    assert words_in(events) == "You stayed beside him."
    assert held and not any(held)
    assert events[-1] == ("done", {})


def test_a_long_silence_is_broken_by_signs_of_life_and_ends_after_a_minute(interview):
    clock = iter([0.0, 5.0, 11.0, 15.0, 61.0])
    tail = Tail(after="", language="en", clock=lambda: next(clock))
    follower = FakeFollower(Standing(the_turn(interview)))
    said = [tail.news(follower) for _ in range(4)]
    assert said[0].startswith("event: state")
    assert said[1:] == ["", ": still here\n\n", ": still here\n\n"]
    assert tail.is_over


@pytest.mark.parametrize(("given", "place"), [("2.7", (2, 7)), ("", (0, 0)), ("x.1", (0, 0)), ("1", (0, 0))])
def test_the_place_to_go_on_from_is_read_strictly(given, place):
    assert read_after(given) == place


def test_words_cannot_break_out_of_their_event():
    (found,) = events_in(event("delta", {"text": "one\n\nevent: done\ndata: {}"}))
    assert found[0] == "delta"


def test_the_whole_way_from_a_post_to_the_next_question(browser, interview, monkeypatch):
    play(monkeypatch, *[f"{word} " for word in QUESTION.split()])
    writing = in_a_thread(work)
    events = read(browser.get(address(interview)))
    writing.join()
    assert QUESTION.startswith(words_in(events))
    assert Message.objects.filter(interview=interview).last().text == QUESTION
    assert Turn.objects.get().state == Turn.State.DONE


def test_the_reader_outlives_a_connection_that_was_closed_under_it(interview, monkeypatch):
    log, bell, troubles = TurnLog(), threading.Event(), [InterfaceError("closed")]
    read_rows = log._read
    monkeypatch.setattr(turn_log, "SECONDS_AFTER_TROUBLE", 0.01)
    monkeypatch.setattr(log, "_read", lambda: _raise(troubles.pop()) if troubles else read_rows())
    with log.following(the_turn(interview).pk, bell.set) as follower:
        assert bell.wait(PATIENCE)
        assert follower.standing is not None


def _raise(error):
    raise error
