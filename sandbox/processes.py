"""Finding the processes of a job by the mark in their environment: for what its supervisor could not end."""

import time

import psutil

from sandbox.interpreter import MARKER

PATIENCE = 5.0
"""Seconds after SIGKILL until a process is given up: it hangs in the kernel."""


def marked(marker: str) -> list[psutil.Process]:
    """Living processes that were started with the job's mark. Only those that this user may look at."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) == marker:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or not ours
    return found


def kill_marked(marker: str) -> None:
    """SIGKILL all processes of the job until none is left, for a few seconds at most. Blocking."""
    end = time.monotonic() + PATIENCE
    while (found := marked(marker)) and time.monotonic() < end:
        for process in found:
            try:
                process.kill()
            except (psutil.Error, OSError):
                continue
        time.sleep(0.01)  # not psutil.wait_procs: it would reap a child that the event loop waits for
