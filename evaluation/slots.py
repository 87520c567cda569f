"""Slots: how many executions run at once. They change nothing but time."""

import asyncio
import heapq
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count


def default_slots(threads: int) -> int:
    """As many slots as shares of `threads` cores fit into the cores that this process may use; at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // threads)


class Slots:
    """A fixed number of places; with `gpus`, each place is one of them in turn. Who waits gets the next place by priority."""

    def __init__(self, places: int, gpus: Sequence[str] = ()) -> None:
        self.count = places
        self._free: list[str | None] = [gpus[place % len(gpus)] if gpus else None for place in range(places)]
        self._waiting: list[tuple[tuple[int, ...], int, asyncio.Future[str | None]]] = []
        self._arrivals = count()

    @asynccontextmanager
    async def take(self, priority: tuple[int, ...] = ()) -> AsyncIterator[str | None]:
        """Hold a place; gives the GPU that belongs to it, if any. The smallest priority is served first, equal ones as they came."""
        place = await self._acquire(priority)
        try:
            yield place
        finally:
            self._release(place)

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
