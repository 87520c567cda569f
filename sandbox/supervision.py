"""Starting a job's supervisor, waiting for its report, and ending the job whatever happens."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sandbox.pipe import LogPipe
from sandbox.processes import kill_marked
from sandbox.runner import InfrastructureError, Job
from sandbox.uninterrupted import uninterrupted
from sandbox.verdict import Ending
from sandbox.workspace import Workspace

SUPERVISOR = Path(__file__).with_name("supervisor.py")
_OVERDUE = 5.0
"""Seconds after the last limit until the supervisor itself is taken for stuck: a script may stop it with a signal."""
_ENDING = 10.0
"""Seconds for the supervisor to end the tree when it is told to."""
REASONS = frozenset({"ended", "time", "memory", "processes", "disk"})
"""Ways to end that are the script's own doing."""
_DRAIN = 1.0
"""Seconds to read what is left in the log's pipe. Only a process that got away could keep it open longer."""


class Supervisor(Protocol):
    """A supervisor's process."""

    @property
    def failed(self) -> bool:
        """Whether it has ended with an error; false where nobody can tell."""
        ...

    async def wait(self) -> object: ...
    def resume(self) -> None:
        """Let it go on, should a script have stopped it."""
        ...

    def kill(self) -> None: ...


@dataclass(frozen=True)
class Start:
    """What is needed to start a supervisor."""

    words: tuple[str, ...]
    """Its orders, see sandbox.supervisor.Orders."""
    control: int
    """Descriptors of this process that the supervisor is given under the same numbers; then the one for output and errors."""
    report: int
    log: int
    marker: str
    """Value of the variable that marks the job's processes."""
    gone: "asyncio.Future[None]"
    """Done when the supervisor and all that it started have let go of `report`."""


Launch = Callable[[Start], Awaitable[Supervisor]]


@dataclass(frozen=True)
class Setting:
    """What a runner adds to a job's orders."""

    parent: int
    """The process that the supervisor is started by."""
    seen: Path
    """Where the script sees its working folder."""
    caged: bool = False
    """The command is the guard of a cage; it exits with 128 + n where signal n ended the script."""
    cgroups: tuple[Path, ...] = ()


def start_supervisor(
    python: Path, command: tuple[str, ...], folder: Path, variables: Callable[[str], dict[str, str]]
) -> Callable[[Start], Awaitable[Supervisor]]:
    """How to start a supervisor as a process of its own, in the folder, with the variables (a function of the marker)."""

    async def launch(start: Start) -> Supervisor:
        try:
            process = await asyncio.create_subprocess_exec(
                *(str(python), "-I", "-S", str(SUPERVISOR), *start.words, *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=start.log,
                stderr=start.log,
                pass_fds=(start.control, start.report),
                cwd=folder,
                env=variables(start.marker),
                start_new_session=True,  # a Ctrl-C in the terminal is for the runner, which then cancels in its own way
            )
        except OSError as error:
            raise InfrastructureError(f"the candidates' interpreter {python} cannot be started: {error}") from error
        return _Process(process)

    return launch


class _Process:
    """A supervisor that is this process's child."""

    def __init__(self, process: asyncio.subprocess.Process):
        self._process = process

    @property
    def failed(self) -> bool:
        return (self._process.returncode or 0) > 0

    async def wait(self) -> object:
        return await self._process.wait()

    # Not process.send_signal(): it would reap the child that the event loop waits for.

    def resume(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)


async def run(job: Job, workspace: Workspace, setting: Setting, launch: Launch) -> Ending:
    """Run the job's script in its workspace; afterwards no process of it is left, not even if this is cancelled.

    Raises:
        InfrastructureError: the interpreter cannot be started, or this process has too many files open.
    """
    started = time.monotonic()
    kills = _kernel_kills()
    try:
        supervision = _Supervision(job)
    except OSError as error:
        raise InfrastructureError(f"no pipes for a job: {error}; allow this process more open files (ulimit -n)") from error
    try:
        await supervision.start(workspace, setting, launch)
        ending = await supervision.wait()
    finally:
        await uninterrupted(supervision.end())
    ending = ending if ending.reason != "vanished" else replace(ending, seconds=time.monotonic() - started)
    code = ending.returncode or 0
    if setting.caged and 128 < code <= 128 + signal.SIGRTMAX:
        ending = replace(ending, returncode=128 - code)
    # Temporary paths are other ones each time, and no business of who reads the log.
    log = ending.log.replace(f"{setting.seen}/", "")
    return replace(ending, log=log, machine_out_of_memory=_kernel_kills() > kills)


class _Supervision:
    """One supervisor process and the pipes to it."""

    def __init__(self, job: Job):
        self._job = job
        self._marker = secrets.token_hex(16)
        self._process: Supervisor | None = None
        self._log, self._report = LogPipe(job.limits.log), LogPipe(1024)
        self._controlled, self._control = os.pipe()
        self._clean = False

    async def start(self, workspace: Workspace, setting: Setting, launch: Launch) -> None:
        limits = self._job.limits
        numbers = (self._controlled, self._report.write_end, setting.parent, limits.memory, limits.output, limits.seconds, limits.grace)
        caged = "caged" if setting.caged else "free"
        groups = os.pathsep.join(map(str, setting.cgroups))
        words = (*map(str, (*numbers, limits.disk, limits.processes)), caged, groups, str(workspace.root))
        await self._log.connect()
        await self._report.connect()
        try:
            ends = (self._controlled, self._report.write_end, self._log.write_end)
            self._process = await launch(Start(words, *ends, self._marker, self._report.closed))
        finally:
            self._log.close_write_end()
            self._report.close_write_end()

    async def wait(self) -> Ending:
        limits = self._job.limits
        await asyncio.wait({self._report.closed}, timeout=limits.seconds + limits.grace + _OVERDUE)
        overdue = not self._report.closed.done()
        words = self._report.log.text().split()
        # Without a subreaper, a supervisor cannot know whether all are gone.
        self._clean = len(words) == 5 and words[4] == "0" and sys.platform == "linux"
        await uninterrupted(self._stop())
        await asyncio.wait({self._log.closed}, timeout=_DRAIN)
        log = self._log.log.text()
        if overdue:
            return Ending("time", None, limits.seconds, 0, log)
        if len(words) == 5:
            reason, returncode, peak, seconds, _ = words
            if reason not in REASONS:
                raise InfrastructureError(f"a job could not be run ({reason}): {log[-2000:].strip()}")
            return Ending(reason, None if returncode == "None" else int(returncode), float(seconds), int(peak), log)
        assert self._process is not None
        if self._process.failed:
            raise InfrastructureError(f"the supervisor of a job failed:\n{log[-2000:]}")
        return Ending("vanished", None, 0.0, 0, log)

    async def end(self) -> None:
        """End what still runs and close the pipes."""
        try:
            await self._stop()
        finally:
            for descriptor in (self._controlled, self._control):
                os.close(descriptor)
            self._log.close()
            self._report.close()

    async def _stop(self) -> None:
        """Return when no process of the job is left; a second call does nothing more."""
        process = self._process
        try:
            if process is not None and not self._clean:
                with contextlib.suppress(OSError):  # it has ended already
                    os.write(self._control, b"x")
                    process.resume()
            if process is not None:
                await asyncio.wait_for(process.wait(), _ENDING)
        except TimeoutError:
            assert process is not None
            process.kill()
        finally:
            if not self._clean:
                await asyncio.to_thread(kill_marked, self._marker)
                self._clean = True


def _kernel_kills() -> int:
    """How many processes the kernel has ended for want of memory since the machine started; 0 where it does not tell."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
