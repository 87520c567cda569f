"""From how a script ended and what it printed to a status and a few lines of explanation."""

import re
import signal
from dataclasses import dataclass

from journal import Status
from sandbox.runner import Limits

EXPLANATION = 2000
"""Characters of an explanation at most."""
_LAST_LINES = 20
_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r'^\s+File "(.*?)", line \d+')
_MEMORY = re.compile(r"MemoryError|OutOfMemoryError|std::bad_alloc|[Cc]annot allocate memory|can't allocate memory|out of memory")
_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
"""No fault in a program raises these: somebody sent them."""


@dataclass(frozen=True)
class Ending:
    """How a job's command ended."""

    reason: str
    """ended (by itself), time, memory, processes or disk (ended at that limit), vanished (its supervisor was killed)."""
    returncode: int | None
    """Of the script; minus the number of the signal that ended it."""
    seconds: float
    peak_memory: int
    """Bytes."""
    log: str
    machine_out_of_memory: bool = False
    """The kernel ended some process for want of memory meanwhile."""


def judge(ending: Ending, limits: Limits) -> tuple[Status, str]:
    """The status, and why it is not OK."""
    if ending.reason != "ended":
        return _limited(ending, limits)
    if ending.returncode == 0:
        return Status.OK, ""
    code = ending.returncode or 0
    if code < 0:
        return _signalled(-code, ending, limits)
    error = explain(ending.log)
    memory = _MEMORY.search(_exception(error))
    return (Status.OUT_OF_MEMORY if memory else Status.CRASHED), bounded(error or f"exit status {code}, nothing printed")


def _limited(ending: Ending, limits: Limits) -> tuple[Status, str]:
    match ending.reason:
        case "time":
            return Status.TIMED_OUT, f"ran longer than {limits.seconds:g} s (the limit)"
        case "memory":
            return Status.OUT_OF_MEMORY, f"used {_size(ending.peak_memory)} of memory; the limit is {_size(limits.memory)}"
        case "processes":
            return Status.CRASHED, f"ran more than {limits.processes} processes (the limit)"
        case "disk":
            return Status.CRASHED, f"wrote more than {_size(limits.disk)} to disk (the limit)"
        case _:
            return Status.KILLED, "the process that supervised the script was killed"


def explain(log: str) -> str:
    """The last exception of a log and the deepest line of solution.py that led to it; without a traceback, the last lines."""
    lines = log.rstrip().splitlines()
    starts = [number for number, line in enumerate(lines) if line.strip() == _TRACEBACK]
    if not starts:
        return "\n".join(lines[-_LAST_LINES:])
    lines = lines[starts[-1] + 1 :]
    end = next((number for number, line in enumerate(lines) if line and not line[0].isspace()), len(lines))
    return "\n".join([*_own_frame(lines[:end]), *lines[end:]])


def bounded(text: str, limit: int = EXPLANATION) -> str:
    """At most so many characters: the beginning and the end."""
    if len(text) <= limit:
        return text
    half = limit // 2 - 2
    return f"{text[:half]}\n…\n{text[-half:]}"


def _own_frame(frames: list[str]) -> list[str]:
    """Of a traceback's frames the last one in solution.py, with the source lines below it."""
    starts = [number for number, line in enumerate(frames) if _FRAME.match(line)]
    own = [number for number in starts if re.search(r'[/"]solution\.py", line', frames[number])]
    if not own:
        return frames[starts[-1] :] if starts else []
    end = next((number for number in starts if number > own[-1]), len(frames))
    return frames[own[-1] : end]


def _exception(error: str) -> str:
    """The explanation without source lines: they may well speak of memory."""
    return "\n".join(line for line in error.splitlines() if line and not line[0].isspace())


def _signalled(number: int, ending: Ending, limits: Limits) -> tuple[Status, str]:
    name = _signal_name(number)
    last = explain(ending.log)
    if number == signal.SIGABRT and _MEMORY.search(last):
        return Status.OUT_OF_MEMORY, bounded(f"ended by {name}\n{last}")
    if number == signal.SIGKILL and ending.machine_out_of_memory:
        return Status.OUT_OF_MEMORY, f"ended by the kernel: the machine is out of memory (the script used {_size(ending.peak_memory)})"
    if number in _FROM_OUTSIDE:
        return Status.KILLED, f"ended by {name}, which was sent by itself or from outside"
    if number == signal.SIGXFSZ:
        return Status.CRASHED, f"ended by {name}: it wrote a file larger than {limits.output:,} bytes (the limit)"
    return Status.CRASHED, bounded(f"ended by {name}\n{last}".rstrip())


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"
