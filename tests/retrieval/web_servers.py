"""Loopback servers that speak the wire formats of the sources of documents."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from retrieval.arxiv import Arxiv
from retrieval.tavily import Tavily
from retrieval.web import WebSource
from tests.loopback import QuietHandler, listening

Page = tuple[str, str, str]
"""Title, address, text."""


@dataclass(frozen=True)
class Service:
    """A source and its service: how pages are sent, how it is refused, what a request asks for."""

    name: str
    path: str
    send: Callable[[Sequence[Page]], bytes]
    make: Callable[[str, float], WebSource]
    query: Callable[[dict[str, Any]], str]


def _tavily_answer(pages: Sequence[Page]) -> bytes:
    results = [{"title": title, "url": url, "content": text[:20], "raw_content": text, "score": 0.9} for title, url, text in pages]
    return json.dumps({"query": "q", "results": results, "response_time": 0.1}).encode()


def _arxiv_answer(pages: Sequence[Page]) -> bytes:
    entries = "".join(
        f"<entry><id>{escape(url)}</id><title>{escape(title)}</title><summary>{escape(text)}</summary></entry>"
        for title, url, text in pages
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>q</title>{entries}</feed>'.encode()


TAVILY = Service(
    "tavily",
    "/search",
    _tavily_answer,
    lambda url, seconds: Tavily("tvly-planted-0123456789", url, seconds=seconds),
    lambda body: str(body["query"]),
)
ARXIV = Service(
    "arxiv", "/api/query", _arxiv_answer, lambda url, seconds: Arxiv(url, seconds, pause=0.0), lambda body: str(body["search_query"])
)
SERVICES = (TAVILY, ARXIV)


@dataclass
class WebServer:
    """What a service answers, the same for every request, and what it was asked."""

    service: Service
    raw: bytes
    status: int = 200
    hang: float = 0.0
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def source(self, seconds: float = 10.0) -> WebSource:
        return self.service.make(self.url, seconds)


@contextmanager
def web_server(
    service: Service, pages: Sequence[Page] = (), *, raw: bytes | None = None, status: int = 200, hang: float = 0.0
) -> Iterator[WebServer]:
    """Serve on a free port of loopback."""
    state = WebServer(service, service.send(pages) if raw is None else raw, status, hang)

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

        def do_GET(self) -> None:
            self._answer({name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()})

        def _answer(self, asked: dict[str, Any]) -> None:
            state.asked.append(asked)
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            state.ended.wait(state.hang)
            try:
                self.send_response(state.status if urlsplit(self.path).path == service.path else 404)
                self.send_header("content-length", str(len(state.raw)))
                self.end_headers()
                self.wfile.write(state.raw)
            except OSError:  # the client has gone
                return

    with listening(Handler) as state.url:
        try:
            yield state
        finally:
            state.ended.set()
