"""Ctrl-C during a run: the first asks it to end with the best so far, the second aborts."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from mlestar.display import Display

EXIT_ABORTED = 130
"""What a shell expects of a program that was ended by Ctrl-C."""


@contextmanager
def gentle_interrupts(display: Display) -> Iterator[None]:
    """Take over SIGINT as long as the context lasts. Only in the main thread, where Python delivers signals.

    Raises:
        KeyboardInterrupt: at the second Ctrl-C, or at the first while there is no run folder yet.
    """
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked or display.run is None:
            signal.default_int_handler(number, frame)
        asked = True
        display.run.request_finish()
        display.notice("ending with the best so far (Ctrl-C again to abort)")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
