"""The runner's side of the fork server: starting zygotes, keeping a few, and asking them for supervisors."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox import imports
from sandbox.layout import WORK, Layout
from sandbox.runner import InfrastructureError
from sandbox.supervision import Start

ZYGOTE = Path(__file__).with_name("zygote.py")
KEPT = 6
"""Zygotes at the same time; the one that was used longest ago makes room. Each takes up to 450 MB."""
_THREADLESS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""OpenBLAS and pyarrow start threads when they are imported, unless told so."""
_STARTING = 120.0
"""Seconds to import everything, on a cold disk."""
_ANSWER = 1 << 17


class ZygoteGoneError(InfrastructureError):
    """It ended between two jobs; another one can be started."""


@dataclass(frozen=True)
class Kind:
    """Scripts of one kind can be forked from one zygote: what Python and its libraries read when they start must be the same."""

    packages: tuple[str, ...]
    threads: int
    hash_seed: int


@dataclass(frozen=True)
class Order:
    """What a forked supervisor shall run."""

    layout: Layout
    root: Path
    """An empty folder, for mounting."""
    variables: Mapping[str, str]
    threads: int
    command: tuple[str, ...] = ()
    """A program to be executed; none: solution.py is run by the forked process itself."""

    def request(self, words: tuple[str, ...]) -> bytes:
        layout = {**asdict(self.layout), "work": str(WORK), "root": str(self.root)}
        fields = {
            "words": words,
            "layout": layout,
            "variables": dict(self.variables),
            "threads": self.threads,
            "command": list(self.command),
        }
        return json.dumps(fields).encode()


class Zygote:
    """One process that has imported the packages of a kind and is forked for each job. Blocking; safe to use from several threads.

    Raises:
        InfrastructureError: the interpreter cannot be started, or dies.
    """

    def __init__(self, python: Path, kind: Kind, variables: Mapping[str, str]):
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [str(python), str(ZYGOTE), str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env={**variables, **_THREADLESS},
                    start_new_session=True,
                )
            except OSError as error:
                self._socket.close()
                raise InfrastructureError(f"the candidates' interpreter {python} cannot be started: {error}") from error
        self._socket.settimeout(_STARTING)
        try:
            self._socket.send(json.dumps(imports.modules(kind.packages)).encode())
            answer = self._socket.recv(_ANSWER).decode()
        except OSError as error:
            answer = str(error)
        self.refusal = "" if answer == "ready" else answer or "the process ended"
        """Why it cannot be forked; empty: it can."""
        if self.refusal:
            self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def fork(self, order: Order, start: Start) -> None:
        """Let it fork a supervisor.

        Raises:
            OSError: it is gone.
        """
        descriptors = [start.control, start.report, start.log]
        socket.send_fds(self._socket, [order.request(start.words)], descriptors)

    def close(self) -> None:
        """End it; jobs that it has forked end too."""
        self._socket.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Forked:
    """A supervisor that a zygote forked. A script in its cage cannot reach it, neither to stop nor to kill it."""

    def __init__(self, zygote: Zygote, start: Start):
        self._zygote, self._gone = zygote, start.gone
        self.failed = False

    async def wait(self) -> None:
        await asyncio.wait({self._gone})

    def resume(self) -> None:
        pass

    def kill(self) -> None:
        """Nobody knows its number; with the zygote all that it forked ends."""
        with contextlib.suppress(OSError):
            os.kill(self._zygote.pid, signal.SIGKILL)


class ForkServer:
    """The zygotes of one Python environment, by kind: started when first needed, ended with this process at the latest."""

    def __init__(self, python: Path):
        self._python = python
        self._zygotes: OrderedDict[Kind, Zygote] = OrderedDict()
        self._busy: dict[Kind, int] = {}
        self._refused: dict[tuple[str, ...], str] = {}
        self._lock = threading.Lock()
        """Never held while a zygote starts: that takes seconds, in which others are borrowed and given back."""
        self._starts: dict[Kind, threading.Lock] = {}
        self._closed = False

    def refusal(self, kind: Kind) -> str:
        """Why scripts of this kind cannot be forked, as far as it is known; empty: they can."""
        return self._refused.get(kind.packages, "")

    def borrow(self, kind: Kind, variables: Mapping[str, str]) -> Zygote:
        """The zygote of the kind, started if need be: seconds, then. To be given back. Blocking.

        Raises:
            InfrastructureError: it cannot be started.
        """
        with self._lock:
            start = self._starts.setdefault(kind, threading.Lock())
        with start:
            zygote = self._borrowed(kind)
            return zygote or self._added(kind, Zygote(self._python, kind, variables))

    def _borrowed(self, kind: Kind) -> Zygote | None:
        with self._lock:
            zygote = self._zygotes.get(kind)
            if zygote is not None:
                self._zygotes.move_to_end(kind)
                self._busy[kind] = self._busy.get(kind, 0) + 1
            return zygote

    def _added(self, kind: Kind, zygote: Zygote) -> Zygote:
        """A new one, borrowed."""
        with self._lock:
            if zygote.refusal:
                self._refused[kind.packages] = zygote.refusal
                raise InfrastructureError(f"no process to fork scripts from: {zygote.refusal}")
            if self._closed:
                zygote.close()
                raise ZygoteGoneError("the fork server was closed")
            self._zygotes[kind] = zygote
            self._busy[kind] = self._busy.get(kind, 0) + 1
            self._make_room()
            return zygote

    def give_back(self, kind: Kind) -> None:
        """After its job."""
        with self._lock:
            self._busy[kind] -= 1
            self._make_room()

    def forget(self, kind: Kind, zygote: Zygote) -> None:
        """It is gone; the next to borrow one gets a new one."""
        with self._lock:
            if self._zygotes.get(kind) is zygote:
                del self._zygotes[kind]
        zygote.close()

    def close(self) -> None:
        """End all."""
        with self._lock:
            zygotes, self._zygotes, self._closed = self._zygotes, OrderedDict(), True
        for zygote in zygotes.values():
            zygote.close()

    def _make_room(self) -> None:
        for kind in [kind for kind in self._zygotes if not self._busy.get(kind)][: max(0, len(self._zygotes) - KEPT)]:
            self._zygotes.pop(kind).close()
