"""Slots: how many executions run at once. They change nothing but time."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager


def default_slots(threads: int) -> int:
    """As many slots as shares of `threads` cores fit into the cores that this process may use; at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // threads)


class Slots:
    """A fixed number of places, given out first come, first served; with `gpus`, each place is one of them in turn."""

    def __init__(self, count: int, gpus: Sequence[str] = ()) -> None:
        self.count = count
        self._free: asyncio.Queue[str | None] = asyncio.Queue()
        for place in range(count):
            self._free.put_nowait(gpus[place % len(gpus)] if gpus else None)

    @asynccontextmanager
    async def take(self) -> AsyncIterator[str | None]:
        """Hold a place; gives the GPU that belongs to it, if any."""
        gpu = await self._free.get()
        try:
            yield gpu
        finally:
            self._free.put_nowait(gpu)
