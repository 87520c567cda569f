"""Slots: how many executions run at once. They change nothing but time."""

import asyncio
import heapq
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from itertools import count

from evaluation.machine import MachineSlots, cores, gpu_shares


def default_slots(threads: int) -> int:
    """As many slots as shares of `threads` cores fit into the cores that this process may use; at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // threads)


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


class Slots:
    """A fixed number of places; with `gpus`, each place is one of them in turn. Who waits gets the next place by priority.

    `machine`: with it, a place is only had when the whole machine has one free too: `threads` cores, or the share of a GPU.
    """

    def __init__(self, places: int, gpus: Sequence[str] = (), machine: MachineSlots | None = None, threads: int = 1) -> None:
        self.count = places
        self._gpus, self._machine, self._threads = tuple(gpus), machine, threads
        self._free: list[str | None] = [gpus[place % len(gpus)] if gpus else None for place in range(places)]
        self._waiting: list[tuple[tuple[int, ...], int, asyncio.Future[str | None]]] = []
        self._arrivals = count()

    @asynccontextmanager
    async def take(self, priority: tuple[int, ...] = ()) -> AsyncIterator[str | None]:
        """Hold a place; gives the GPU that belongs to it, if any. The smallest priority is served first, equal ones as they came."""
        place = await self._acquire(priority)
        try:
            async with self._of_machine(place):
                yield place
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
        return self._machine.hold(cores(self.count, self._threads), self._threads)

    async def _acquire(self, priority: tuple[int, ...]) -> str | None:
        if self._free:
            return self._free.pop()
        turn: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._arrivals), turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was our turn at the very moment
                self._release(turn.result())
            raise

    def _release(self, place: str | None) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(place)
                return
        self._free.append(place)
