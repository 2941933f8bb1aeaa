"""A loopback server that speaks the OpenAI protocol, for tests and for benchmarks.

Rule: it answers from a script and asks nobody. What a test must see happens at the wire: real sockets, real chunks, a
real silence. In a process: `with loopback(script="dies") as server: ... server.url`. Beside one:
`python -m tests.loopback --port 9100 --tokens-per-second 30 --first-token-seconds 0.3`.

A request chooses its script by the end of its model's name (`loopback/slow`), otherwise the server's default counts.
`POST /script` with `{"script": "500"}` changes that default while the server runs.
"""

import argparse
import asyncio
import contextlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.loopback_words import instance_of, question_of

SCRIPTS = (
    "normal", "slow", "dies", "refuses", "malformed", "unfit", "empty", "429", "500", "503", "silent", "stalls",
    "pings", "uncounted",
)  # fmt: skip
TOKENS_BEFORE_TROUBLE = 8  # or half of a shorter answer
SLOW_TOKENS_PER_SECOND = 2.0
SECONDS_BETWEEN_PINGS = 0.1
MOST_REMEMBERED = 5_000
TOKENS = 60

Body = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """An answer of exactly this status and body, whatever the request wanted."""

    status: int
    body: str


def said(text: str | None, **more: Any) -> Raw:
    """Return a whole chat completion with this text; `more` replaces parts of it."""
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    usage = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "loopback", "choices": choices}
    return Raw(200, json.dumps(body | {"usage": usage} | more))


def failed(status: int, *, code: str = "", message: str = "My secret garden") -> Raw:
    """Return an error as the protocol has it."""
    return Raw(status, json.dumps({"error": {"message": message, "type": "loopback", "code": code or str(status)}}))


@dataclass
class Loopback:
    """What the server does, and what it was asked. Everything may be changed while it runs."""

    script: str = "normal"
    replies: list[Raw | str] = field(default_factory=list)  # taken one a request, the last for ever; "" is `script`
    tokens: int = TOKENS
    tokens_per_second: float = 0.0  # 0: all at once
    first_token_seconds: float = 0.0
    text: str | Callable[[Body], str] | None = None
    json_reply: Body | Callable[[Body], Body] | None = None
    port: int = 0
    asked: deque[Body] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED))
    keys: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED))
    hung_up: int = 0  # clients that left before the end

    @property
    def url(self) -> str:
        """The address for `api_base`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def script_for(self, body: Body) -> Raw | str:
        """Return what happens to this request."""
        if self.replies:
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            return reply or self.script
        named = str(body.get("model", "")).rpartition("/")[2]
        return named if named in SCRIPTS else self.script

    def text_for(self, body: Body, *, script: str) -> str:
        """Return the words of the answer."""
        if script == "empty" or script == "refuses":
            return ""
        if schema := schema_in(body):
            if script == "unfit":
                return '{"nothing": "that was asked for"}'
            given = self.json_reply(body) if callable(self.json_reply) else self.json_reply
            return json.dumps(given if given is not None else instance_of(schema, body), ensure_ascii=False)
        given_text = self.text(body) if callable(self.text) else self.text
        return given_text if given_text is not None else question_of(body, tokens=self.tokens)


def schema_in(body: Body) -> Body | None:
    """Return the JSON schema that the request wants its answer to fit."""
    wanted = body.get("response_format") or {}
    return wanted.get("json_schema", {}).get("schema") if wanted.get("type") == "json_schema" else None


@contextmanager
def loopback(script: str = "normal", **options: Any) -> Iterator[Loopback]:
    """Serve from a thread of its own on a free port."""
    server = Loopback(script=script, **options)
    started = threading.Event()
    loop = asyncio.new_event_loop()
    ending = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(server, started, ending),), daemon=True)
    thread.start()
    if not started.wait(60):
        raise RuntimeError("The loopback server did not start.")
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(60)
        loop.close()


async def serve(server: Loopback, started: threading.Event, ending: asyncio.Event) -> None:
    """Serve until `ending` is set."""
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await Talk(server, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            server.hung_up += 1
        except asyncio.CancelledError:
            pass  # the server ends while somebody is still being kept waiting
        finally:
            talks.discard(task)
            writer.transport.abort()

    listening = await asyncio.start_server(talk, "127.0.0.1", server.port, backlog=512)
    server.port = listening.sockets[0].getsockname()[1]
    started.set()
    await ending.wait()
    listening.close()
    for task in list(talks):
        task.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


class Talk:
    """One connection: requests one after another."""

    def __init__(self, server: Loopback, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer

    async def run(self) -> None:
        """Answer until the client leaves."""
        while (request := await self._request()) is not None:
            method, path, headers, content = request
            if method == "POST" and path.endswith("/chat/completions"):
                body = json.loads(content)
                self.server.asked.append(body)
                self.server.keys.append(headers.get("authorization", ""))
                await self._answer(body)
            elif method == "POST" and path == "/script":
                self.server.script = str(json.loads(content)["script"])
                await self._whole(200, json.dumps({"script": self.server.script}))
            else:
                models = [{"id": f"loopback/{name}", "object": "model"} for name in SCRIPTS]
                await self._whole(200, json.dumps({"object": "list", "data": models}))

    async def _request(self) -> tuple[str, str, dict[str, str], bytes] | None:
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:
            return None  # the client has nothing more to ask
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        content = await self.reader.readexactly(int(headers.get("content-length") or 0))
        return method, path, headers, content

    async def _answer(self, body: Body) -> None:
        script = self.server.script_for(body)
        if isinstance(script, Raw):
            return await self._whole(script.status, script.body)
        if script in ("429", "500", "503"):
            failure = failed(int(script), message="The script says so.")
            return await self._whole(failure.status, failure.body)
        if body.get("stream"):
            return await self._stream(body, script)
        return await self._completion(body, script)

    async def _completion(self, body: Body, script: str) -> None:
        words = pieces_of(self.server.text_for(body, script=script))
        if script == "silent":
            return await self._until_left()
        await asyncio.sleep(self.server.first_token_seconds + len(words) * self._pause(script))
        if script == "malformed":
            return await self._whole(200, "<html>Bad gateway</html>")
        whole = said("".join(words) or (None if script == "refuses" else ""), usage=self._usage(body, words, script))
        if script == "refuses":
            whole = Raw(200, whole.body.replace('"finish_reason": "stop"', '"finish_reason": "content_filter"'))
        if script in ("dies", "stalls"):
            content = whole.body.encode()
            self.writer.write(head_of(200, f"Content-Length: {len(content)}") + content[: len(content) // 2])
            await self.writer.drain()
            if script == "stalls":
                await self._until_left()
            raise ConnectionResetError
        return await self._whole(whole.status, whole.body)

    async def _stream(self, body: Body, script: str) -> None:
        """Send the words as events, each at its time, so that many streams cost one clock."""
        clock = asyncio.get_running_loop().time
        begun = clock() + self.server.first_token_seconds
        self.writer.write(head_of(200, "Transfer-Encoding: chunked", kind="text/event-stream"))
        if script == "silent":
            return await self._until_left()
        if script == "pings":
            return await self._ping()
        words = pieces_of(self.server.text_for(body, script=script))
        self._event(chunk({"role": "assistant", "content": ""}))
        pause = self._pause(script)
        for number, word in enumerate(words):
            await self._at(begun + number * pause, clock())
            if number == min(TOKENS_BEFORE_TROUBLE, len(words) // 2) and await self._trouble(script):
                return None
            self._event(chunk({"content": word}))
        if script == "refuses":
            self._event(chunk({"refusal": "I will not do this."}))
        self._event(chunk({}, finish="content_filter" if script == "refuses" else "stop"))
        if (body.get("stream_options") or {}).get("include_usage") and (usage := self._usage(body, words, script)):
            self._event(json.dumps({**json.loads(chunk({})), "choices": [], "usage": usage}))
        self._event("[DONE]")
        self.writer.write(b"0\r\n\r\n")
        return await self.writer.drain()

    async def _at(self, when: float, now: float) -> None:
        if when > now:
            await self.writer.drain()
            await asyncio.sleep(when - now)
        if self.writer.transport.is_closing():
            raise ConnectionResetError

    async def _trouble(self, script: str) -> bool:
        """Do what the script has in store for the middle of a stream; say whether that was its end."""
        if script == "dies":
            await self.writer.drain()
            self.writer.close()
            return True
        if script == "stalls":
            await self._until_left()
        if script == "malformed":
            self._event('{"id": "1", "choices": [{"index": 0, "del')
        return False

    def _pause(self, script: str) -> float:
        pace = SLOW_TOKENS_PER_SECOND if script == "slow" else self.server.tokens_per_second
        return 1 / pace if pace else 0.0

    def _usage(self, body: Body, words: list[str], script: str) -> Body | None:
        if script == "uncounted":
            return None
        asked = sum(len(str(message.get("content", "")).split()) for message in body.get("messages", []))
        return {"prompt_tokens": asked, "completion_tokens": len(words), "total_tokens": asked + len(words)}

    async def _ping(self) -> None:
        """Say that there is nothing to say, several times a second, for as long as somebody listens."""
        while not self.writer.transport.is_closing():
            self._line(b": still working\n\n")
            await asyncio.sleep(SECONDS_BETWEEN_PINGS)
        raise ConnectionResetError

    async def _until_left(self) -> None:
        """Say nothing until the client leaves or the server ends."""
        await self.writer.drain()
        await self.reader.read()
        raise ConnectionResetError

    async def _whole(self, status: int, body: str) -> None:
        content = body.encode()
        self.writer.write(head_of(status, f"Content-Length: {len(content)}") + content)
        await self.writer.drain()

    def _event(self, data: str) -> None:
        self._line(f"data: {data}\n\n".encode())

    def _line(self, line: bytes) -> None:
        self.writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")


def head_of(status: int, length: str, *, kind: str = "application/json") -> bytes:
    """Return the head of an answer."""
    retry = "Retry-After: 1\r\n" if status == 429 else ""
    return f"HTTP/1.1 {status} Scripted\r\nContent-Type: {kind}\r\n{retry}{length}\r\n\r\n".encode()


def chunk(delta: Body, *, finish: str | None = None) -> str:
    """Return one event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps({
        "id": "1", "object": "chat.completion.chunk", "created": 1, "model": "loopback", "choices": [choice]
    })  # fmt: skip


def pieces_of(text: str) -> list[str]:
    """Cut a text into its words, each with the space before it, as models do."""
    words = text.split(" ")
    return [word if place == 0 else f" {word}" for place, word in enumerate(words)] if text else []


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.loopback", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--script", choices=SCRIPTS, default="normal")
    parser.add_argument("--tokens", type=int, default=TOKENS, help="words of an answer")
    parser.add_argument("--tokens-per-second", type=float, default=30.0, help="0: all at once")
    parser.add_argument("--first-token-seconds", type=float, default=0.3)
    server = Loopback(**vars(parser.parse_args()))
    print(f"Loopback model server: {server.url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(server, threading.Event(), asyncio.Event()))


if __name__ == "__main__":
    main()
