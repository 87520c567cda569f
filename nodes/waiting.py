"""Waiting no longer than a track's time, and no longer than until somebody asks for the end: for scripts and for models alike."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from nodes.context import Context

LOOK_SECONDS = 0.5
"""How often a request to finish is looked for in the meantime."""

T = TypeVar("T")


class OutOfTime(Exception):
    """The track's time was up, or the run was asked to finish; what was waited for has been stopped."""


async def in_time(work: Coroutine[Any, Any, T], context: Context, track: int) -> T:
    """What the work gives.

    Raises:
        OutOfTime: it did not end in time.
    """
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            left = context.clock.seconds_left(track)
            await asyncio.wait([task], timeout=LOOK_SECONDS if left is None else max(0.0, min(LOOK_SECONDS, left)))
            if not task.done() and context.time_is_up(track):
                raise OutOfTime
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
