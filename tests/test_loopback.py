"""The loopback server keeps its promises: what tests and benchmarks build upon."""

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.loopback import failed, loopback, said
from tests.loopback_words import instance_of, question_of

ASKED = {"messages": [{"role": "user", "content": "I stayed with him the whole night."}]}
SCHEMA = {
    "type": "object",
    "properties": {"quote": {"type": "string"}, "fit": {"type": "integer"}, "kind": {"enum": ["a", "b"]}},
}
WANTED = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}


def post(server, **more) -> bytes:
    body = json.dumps({"model": "x", **ASKED, **more}).encode()
    request = urllib.request.Request(f"{server.url}/chat/completions", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()


def text(answer: bytes) -> str:
    return json.loads(answer)["choices"][0]["message"]["content"]


def events(answer: bytes) -> list[dict]:
    lines = [line.removeprefix(b"data: ") for line in answer.split(b"\n\n") if line]
    assert lines.pop() == b"[DONE]"
    return [json.loads(line) for line in lines]


def test_an_answer_has_one_question_and_the_wished_length():
    with loopback(tokens=60) as server:
        words = text(post(server))
    assert (words.count("?"), words[-1]) == (1, "?")
    assert 50 <= len(words.split()) <= 80


def test_a_stream_ends_with_its_usage_if_wanted():
    with loopback() as server:
        *chunks, last = events(post(server, stream=True, stream_options={"include_usage": True}))
        plain = events(post(server, stream=True))
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == sum("content" in c["choices"][0]["delta"] for c in chunks) - 1
    assert all("usage" not in chunk for chunk in plain)


def test_words_come_at_their_pace():
    with loopback(tokens=30, tokens_per_second=100, first_token_seconds=0.2) as server:
        start = time.monotonic()
        count = len(events(post(server, stream=True)))
    assert 0.2 + (count - 4) / 100 <= time.monotonic() - start < 30


def test_the_model_s_name_chooses_the_script():
    with loopback() as server, pytest.raises(urllib.error.HTTPError) as caught:
        post(server, model="loopback/429")
    assert (caught.value.code, caught.value.headers["Retry-After"]) == (429, "1")


def test_the_script_can_be_changed_from_outside():
    with loopback() as server:
        address = server.url.replace("/v1", "/script")
        urllib.request.urlopen(urllib.request.Request(address, data=b'{"script": "500"}', method="POST")).read()
        with pytest.raises(urllib.error.HTTPError):
            post(server)


def test_replies_are_taken_one_by_one_and_the_last_for_ever():
    with loopback(replies=[said("one"), failed(503), said("two")]) as server:
        assert text(post(server)) == "one"
        with pytest.raises(urllib.error.HTTPError):
            post(server)
        assert [text(post(server)) for _ in range(2)] == ["two", "two"]
    assert len(server.asked) == 4


def test_a_schema_gets_an_object_that_fits_with_the_person_s_words():
    with loopback() as server:
        made = json.loads(text(post(server, response_format=WANTED)))
    assert made == {"quote": "I stayed with him the whole night", "fit": 1, "kind": "a"}


@pytest.mark.parametrize("given", [{"fit": 3}, lambda body: {"fit": 3}])
def test_an_object_can_be_given(given):
    with loopback(json_reply=given) as server:
        assert json.loads(text(post(server, response_format=WANTED))) == {"fit": 3}


def test_the_same_request_gets_the_same_words():
    assert question_of(ASKED, tokens=60) == question_of(ASKED, tokens=60)
    assert instance_of(SCHEMA, ASKED) == instance_of(SCHEMA, ASKED)


def test_many_streams_at_once():
    with loopback(tokens=40, tokens_per_second=20) as server, ThreadPoolExecutor(20) as pool:
        start = time.monotonic()
        counts = [len(events(found)) for found in pool.map(lambda _: post(server, stream=True), range(20))]
    assert (len(set(counts)), time.monotonic() - start < 20) == (1, True)
