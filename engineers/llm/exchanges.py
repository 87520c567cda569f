"""Each exchange with a model as a file, llm/0031.json; equal requests are answered from them."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from journal import write_atomically


class Message(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str


class Exchange(BaseModel):
    """A request and what came of it. `key` names its place in the search: agent, track, step, attempt, and which ask of these it is."""

    model_config = ConfigDict(frozen=True)

    number: int
    key: str
    agent: str
    role: str
    model: str
    action: str
    track: int
    step: int
    attempt: int
    ask: int
    digest: str
    messages: tuple[Message, ...]
    answer: str = ""
    finish: str = ""
    error: str = ""
    """Why there is no answer."""
    complaint: str = ""
    """Why the answer was sent back; empty: it was of use."""
    tokens: dict[str, int] = {}
    estimated: bool = False
    cost: float | None = None
    seconds: float = 0.0


class Exchanges:
    """The folder of a run's exchanges."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, Exchange] = {}
        self._by_number: dict[int, Exchange] = {}
        self._last = 0
        for path in sorted(folder.glob("*.json")):
            try:
                self._learn(Exchange.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError):  # somebody else's file is none of ours
                continue

    @property
    def all(self) -> tuple[Exchange, ...]:
        return tuple(self._by_number[number] for number in sorted(self._by_number))

    def equal(self, digest: str) -> Exchange | None:
        """An answered request that was the same."""
        return self._known.get(digest)

    def next_number(self) -> int:
        self._last += 1
        return self._last

    def write(self, exchange: Exchange) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.folder / f"{exchange.number:04d}.json", exchange.model_dump_json(indent=1).encode())
        self._learn(exchange)

    def _learn(self, exchange: Exchange) -> None:
        self._last = max(self._last, exchange.number)
        self._by_number[exchange.number] = exchange
        if exchange.answer:
            self._known[exchange.digest] = exchange


def digest_of(model: str, messages: Sequence[Message]) -> str:
    """What makes two requests the same: the model and the texts; the header, which only says where in the search it is, is left out."""
    texts = [(message.role, without_header(message.content)) for message in messages]
    return hashlib.sha256(json.dumps([model, texts]).encode()).hexdigest()


def header(key: str) -> str:
    """The first line of a request's last question: where in the search it belongs."""
    return f"[{key}]\n\n"


def without_header(content: str) -> str:
    """The text below its header."""
    return content.split("]\n\n", 1)[1] if content.startswith("[agent ") and "]\n\n" in content else content
