"""Loopback servers that speak the providers' wire formats: what they answer is scripted, what they were sent is kept."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import QuietHandler, listening


@dataclass(frozen=True)
class Reply:
    """One answer: a text that the dialect wraps, or an error of the given status. `hang`: seconds before anything is sent."""

    text: str = ""
    status: int = 200
    error: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    hang: float = 0.0
    drip: bool = False
    """The body comes a byte at a time, for ever."""


@dataclass(frozen=True)
class Sent:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Dialect:
    """A provider's wire format. `path` is the end of the URL that the client must call; `base` what the client's base URL ends with."""

    provider: str
    path: str
    wrap: Callable[[str], dict[str, Any]]
    fail: Callable[[int, str], dict[str, Any]]
    prompt: Callable[[dict[str, Any]], str]
    key: Callable[[dict[str, str]], str]
    base: str = ""


OPENAI = Dialect(
    "openai",
    "/v1/chat/completions",
    lambda text: {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16},
    },
    lambda status, said: {"error": {"message": said, "type": "error", "code": said if "quota" in said else None}},
    lambda body: str(body["messages"][-1]["content"]),
    lambda headers: headers.get("authorization", "").removeprefix("Bearer "),
    "/v1",
)
ANTHROPIC = Dialect(
    "anthropic",
    "/v1/messages",
    lambda text: {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 5},
    },
    lambda status, said: {"type": "error", "error": {"type": "error", "message": said}},
    lambda body: str(body["messages"][-1]["content"]),
    lambda headers: headers.get("x-api-key", "") or headers.get("authorization", "").removeprefix("Bearer "),  # by version of the client
)
GOOGLE = Dialect(
    "google_genai",
    ":generateContent",
    lambda text: {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 5, "totalTokenCount": 16},
        "modelVersion": "m",
    },
    lambda status, said: {"error": {"code": status, "message": said, "status": "ERROR"}},
    lambda body: str(body["contents"][-1]["parts"][0]["text"]),
    lambda headers: headers.get("x-goog-api-key", ""),
)
OLLAMA = Dialect(
    "ollama",
    "/api/chat",
    lambda text: {
        "model": "m",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": text},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 11,
        "eval_count": 5,
    },
    lambda status, said: {"error": said},
    lambda body: str(body["messages"][-1]["content"]),
    lambda headers: "",
)
DIALECTS = (OPENAI, ANTHROPIC, GOOGLE, OLLAMA)


@dataclass
class ChatServer:
    """Answers the scripted replies in turn, then the last one for ever."""

    dialect: Dialect
    replies: Sequence[Reply]
    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def base_url(self) -> str:
        return self.url + self.dialect.base


@contextmanager
def chat_server(dialect: Dialect, *replies: Reply) -> Iterator[ChatServer]:
    """Serve on a free port of loopback."""
    state = ChatServer(dialect, replies or (Reply("ok"),))

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            state.sent.append(Sent(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            reply = state.replies[min(len(state.sent), len(state.replies)) - 1]
            if reply.hang:
                state.ended.wait(reply.hang)
            known = self.path.partition("?")[0].endswith(dialect.path)
            status, answer = (reply.status, dialect.wrap(reply.text)) if known else (404, {"error": f"no such path: {self.path}"})
            if known and status >= 400:
                answer = dialect.fail(status, reply.error)
            self._send(status, json.dumps(answer).encode(), reply)

        def _send(self, status: int, raw: bytes, reply: Reply) -> None:
            try:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(10**6 if reply.drip else len(raw)))
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                if not reply.drip:
                    self.wfile.write(raw)
                while reply.drip and not state.ended.wait(0.05):
                    self.wfile.write(b" ")
            except OSError:  # the client has gone
                return

    with listening(Handler) as state.url:
        try:
            yield state
        finally:
            state.ended.set()
