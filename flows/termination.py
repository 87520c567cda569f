"""SIGTERM ends a run, wherever it strikes.

Prefect's handler raises `TerminationSignal` in whatever the main thread is doing. Between two steps of the event loop that ends the loop,
and with it the flow; but within a callback asyncio logs the exception and goes on, and within a task that nobody awaits it is lost: the run
would work on until it is killed half a minute later. Python tells of a signal in a second way, a byte on a descriptor, which is never lost.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GRACE_SECONDS = 0.5
"""For the exception to arrive by itself."""


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Cancel the task that is inside half a second after SIGTERM, if it has not been ended until then.

    Does nothing outside the main thread, where no handler can be, and where someone else listens for that byte.
    """
    task = asyncio.current_task()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    receiving, sending = socket.socketpair()
    with receiving, sending:
        for each in (receiving, sending):
            each.setblocking(False)
        before = signal.set_wakeup_fd(sending.fileno(), warn_on_full_buffer=False)
        if before != -1:
            signal.set_wakeup_fd(before)
            yield
            return
        loop = asyncio.get_running_loop()
        late: list[asyncio.TimerHandle] = []

        def told() -> None:
            if signal.SIGTERM in receiving.recv(4096):
                late.append(loop.call_later(GRACE_SECONDS, _cancel, task))

        loop.add_reader(receiving, told)
        try:
            yield
        finally:
            loop.remove_reader(receiving)
            signal.set_wakeup_fd(-1)
            for handle in late:
                handle.cancel()


def _cancel(task: asyncio.Task[object]) -> None:
    if not task.cancelling():
        task.cancel()
