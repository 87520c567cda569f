"""A chat-completions endpoint on loopback that speaks OpenAI's protocol; what it answers is a function of the agent that asks."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEADER = re.compile(r"\A\[agent (\w+) · track (\d+) · step (\d+) · attempt (\d+) · ask (\d+)\]\n\n")


@dataclass(frozen=True)
class Request:
    """What a prompt's first line says, and the texts."""

    agent: str
    track: int
    step: int
    attempt: int
    ask: int
    system: str
    question: str
    body: dict[str, Any] = field(repr=False, hash=False, compare=False, default_factory=dict)

    @property
    def first_question(self) -> str:
        """The question itself, where `question` is a complaint about an answer to it."""
        return HEADER.sub("", next(str(each["content"]) for each in self.body["messages"] if each["role"] == "user"))


@dataclass(frozen=True)
class Failure:
    """An HTTP error, or a wait without an answer. With `drip` the body comes a byte at a time, for ever."""

    status: int = 500
    message: str = "it failed"
    hang: float = 0.0
    drip: bool = False


@dataclass(frozen=True)
class Told:
    """An answer with what the provider says beside it."""

    text: str
    finish: str = "stop"
    usage: tuple[int, int] | None = None
    """Tokens of prompt and answer; none: characters / 4."""
    wait: float = 0.0
    """Seconds before it is sent; others are answered in the meantime."""


Reply = str | Told | Failure
Answerer = Callable[[Request], Reply]


@dataclass
class Endpoint:
    """The running server: its URL, and what it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)
    tokens: int = 0
    """That it says it has used."""

    @property
    def agents(self) -> list[str]:
        return [request.agent for request in self.requests]


@contextmanager
def endpoint(answer: Answerer) -> Iterator[Endpoint]:
    """Serve until the context ends; answers are given at once, in a thread a request."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    served = Endpoint(f"http://127.0.0.1:{server.server_port}/v1")
    server.RequestHandlerClass = _handler(served, answer, threading.Lock())
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def read_request(body: dict[str, Any]) -> Request:
    messages = body["messages"]
    question = str(messages[-1]["content"])
    match = HEADER.match(question)
    assert match, f"no header: {question[:100]!r}"
    return Request(match[1], *(int(match[place]) for place in range(2, 6)), str(messages[0]["content"]), question[match.end() :], body)


def _handler(served: Endpoint, answer: Answerer, lock: threading.Lock) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = read_request(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            with lock:
                served.requests.append(request)
                reply = answer(request)
            if isinstance(reply, Failure):
                time.sleep(reply.hang)
                self._send(reply.status, {"error": {"message": reply.message, "type": "error", "code": None}}, reply.drip)
                return
            told = reply if isinstance(reply, Told) else Told(reply)
            prompt = sum(len(str(message["content"])) for message in request.body["messages"]) // 4
            usage = told.usage or (prompt, len(told.text) // 4)
            with lock:
                served.tokens += sum(usage)
            time.sleep(told.wait)
            self._send(200, completion(request.body, told, usage))

        def _send(self, status: int, body: dict[str, Any], drip: bool = False) -> None:
            data = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(10**6 if drip else len(data)))
                self.send_header("retry-after-ms", "20")
                self.end_headers()
                while drip:
                    self.wfile.write(b" ")
                    time.sleep(0.05)
                self.wfile.write(data)
            except OSError:  # the client has given up waiting
                pass

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def completion(body: dict[str, Any], told: Told, usage: tuple[int, int]) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": told.text}, "finish_reason": told.finish}
    counts = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice], "usage": counts}
