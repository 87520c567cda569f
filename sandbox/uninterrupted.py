"""Cleaning up that a second cancellation must not cut short."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def uninterrupted(work: Awaitable[T]) -> T:
    """Finish the work, which must be bounded in time; a cancellation that comes meanwhile takes effect afterwards.

    Where a loop is closed, it cancels every task, so that of a coroutine, too; a future is spared.
    """
    task = asyncio.ensure_future(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        raise cancellation
    return task.result()


async def uninterrupted_thread(work: Callable[[], T]) -> T:
    """Finish a blocking function in a thread, also where the loop is being closed: `asyncio.to_thread` would be a task."""
    return await uninterrupted(asyncio.get_running_loop().run_in_executor(None, work))
