"""Slots: how many executions run at once, by places and by the memory that they are expected to take. They change nothing but time."""

import asyncio
import os
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psutil

from evaluation.machine import MachineSlots, cores, gpu_shares, usable_cores


def default_slots(threads: int) -> int:
    """As many slots as shares of `threads` cores fit into the cores that this process may use; at least one."""
    return max(1, usable_cores() // threads)


def visible_gpus() -> tuple[str, ...]:
    """The NVIDIA GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; empty: none, or no driver."""
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return tuple(name.strip() for name in visible.split(",") if name.strip() not in ("", "-1", "NoDevFiles"))
    try:
        query = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(answer.split())


def available_memory() -> int:
    """Bytes that executions can take together: what is free on the machine now, or what this process's control group may use."""
    limits = [psutil.virtual_memory().available]
    for path in _MEMORY_LIMITS:
        with suppress(OSError, ValueError):
            limits.append(int(path.read_text()))
    return min(limits)


_MEMORY_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Version 2 ('max' where there is none), version 1."""


class _Turn(NamedTuple):
    """Somebody who waits."""

    group: int
    priority: tuple[int, ...]
    arrival: int
    expects: Callable[[], int]
    given: "asyncio.Future[_Place]"


class _Place(NamedTuple):
    group: int
    gpu: str | None
    memory: int


def _nothing() -> int:
    return 0


class Slots:
    """A fixed number of places; with `gpus`, each place is one of them in turn. The next place goes to a group that has no score yet, and
    among such, or where all have one, to the group that holds the fewest, so that one with long executions keeps no other from its first
    score; within it, and between equals, by priority. For a group that works and will ask soon, a place is kept from those that hold one
    already and go not before it.

    `machine`: with it, a place is only had when the whole machine has one free too: `threads` cores, or the share of a GPU. `memory`:
    bytes that those who hold places may be expected to take together; one of them may take more than that. None: memory is no matter.
    """

    def __init__(
        self,
        places: int,
        gpus: Sequence[str] = (),
        machine: MachineSlots | None = None,
        threads: int = 1,
        memory: int | None = None,
    ) -> None:
        self.count = places
        self._memory, self._expected = memory, 0
        self._gpus, self._machine, self._threads = tuple(gpus), machine, threads
        self._free: list[str | None] = [gpus[place % len(gpus)] if gpus else None for place in range(places)]
        self._waiting: list[_Turn] = []
        self._held: Counter[int] = Counter()
        self._working: Counter[int] = Counter()
        self._scored: set[int] = set()
        self._arrivals = count()

    def scored(self, group: int) -> None:
        """The group has a score: those that have none yet go before it from now on."""
        self._scored.add(group)

    @contextmanager
    def working(self, group: int) -> Iterator[None]:
        """While something of the group is evaluated: it asks for places, or is about to."""
        self._working[group] += 1
        try:
            yield
        finally:
            self._working[group] -= 1
            self._serve()

    @asynccontextmanager
    async def take(
        self, priority: tuple[int, ...] = (), expects: Callable[[], int] = _nothing, group: int = 0
    ) -> AsyncIterator[str | None]:
        """Hold a place; gives the GPU that belongs to it, if any. The smallest priority is served first, equal ones as they came.

        `expects`: bytes that it will take, by what is known when its turn comes. Who does not fit beside the others waits for their
        end, and those who come later with it: else a large one would never have its turn.
        """
        place = await self._acquire(priority, expects, group)
        try:
            async with self._of_machine(place.gpu):
                yield place.gpu
        finally:
            self._release(place)

    @property
    def gpu_share(self) -> float:
        """Of a GPU, for one place: a half where two places share it; 1 without a GPU."""
        return 1.0 if not self._gpus else min(1.0, 1 / self._shares)

    @property
    def _shares(self) -> int:
        """Places on one GPU."""
        return -(-self.count // len(self._gpus))

    def _of_machine(self, gpu: str | None) -> AbstractAsyncContextManager[None]:
        if self._machine is None:
            return nullcontext()
        if gpu is not None:
            return self._machine.hold(gpu_shares(gpu, self._shares), 1)
        # All cores, so that small runs do not queue for the first ones; more than there are only where the run was asked to use more.
        return self._machine.hold(cores(max(self.count * self._threads, self._machine.cores)), self._threads)

    async def _acquire(self, priority: tuple[int, ...], expects: Callable[[], int], group: int) -> _Place:
        turn = _Turn(group, priority, next(self._arrivals), expects, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        self._serve()
        try:
            return await turn.given
        except asyncio.CancelledError:
            if turn.given.done() and not turn.given.cancelled():  # it was our turn at the very moment
                self._release(turn.given.result())
            self._serve()  # others may have waited for it
            raise

    def _release(self, place: _Place) -> None:
        self._free.append(place.gpu)
        self._expected -= place.memory
        self._held[place.group] -= 1
        self._serve()

    def _serve(self) -> None:
        """Give places to those whose turn it is, as long as there is one and the next fits in."""
        self._waiting = [turn for turn in self._waiting if not turn.given.done()]
        while self._waiting and self._free:
            turn = min(self._waiting, key=lambda each: (*self._rank(each.group), each.priority, each.arrival))
            memory = turn.expects()
            if not self._fits(memory) or self._kept_from(turn.group):
                return
            self._waiting.remove(turn)
            self._expected += memory
            self._held[turn.group] += 1
            turn.given.set_result(_Place(turn.group, self._free.pop(), memory))

    def _rank(self, group: int) -> tuple[bool, int]:
        return group in self._scored, self._held[group]

    def _kept_from(self, group: int) -> bool:
        """Whether the free places are kept for others, that go before it and will ask."""
        asking = {turn.group for turn in self._waiting}
        working = [each for each, count in self._working.items() if count and not self._held[each] and each not in asking]
        before = [each for each in working if self._rank(each) < self._rank(group)]
        return self._held[group] > 0 and len(self._free) <= len(before)

    def _fits(self, memory: int) -> bool:
        alone = len(self._free) == self.count
        return self._memory is None or alone or self._expected + memory <= self._memory
