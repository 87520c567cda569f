"""The runners that put each script into a cage: built by bubblewrap, or by the fork server with a warm start."""

import os
import re
import signal
import sys
import weakref
from functools import cached_property, partial
from pathlib import Path

from journal import Status
from sandbox import bubblewrap, cgroups, imports, interpreter
from sandbox.execution import execute
from sandbox.forkserver import Forked, ForkServer, Kind, Order, Zygote, ZygoteGoneError
from sandbox.layout import HOME, WORK, layout
from sandbox.runner import ExecutionResult, InfrastructureError, Job
from sandbox.supervision import Launch, Setting, Start, Supervisor, start_supervisor
from sandbox.uninterrupted import uninterrupted_thread
from sandbox.workspace import Workspace

CAGE = (
    "no network, system and inputs read-only, private /tmp, /dev and /proc, own process namespace, no privileges, "
    "nothing of the home directory, other candidates or the answers in sight"
)
_NATIVE_CRASHES = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
_FORKED = re.compile(r"forked subprocess|forked process|after fork|fork\(\)|fork-safe", re.IGNORECASE)
"""What libraries say that do not want to be forked."""


class _CagedRunner:
    """What both have in common."""

    def __init__(self, python: Path | None):
        # Not resolved: a virtual environment's interpreter is a link, and known by where the link is.
        self._python = Path(python or sys.executable).absolute()
        self._cgroups = cgroups.find()

    @cached_property
    def environment(self) -> str:
        """Digest of the interpreter's version, the platform and the installed distributions. The first call takes about 0.2 s.

        Raises:
            InfrastructureError: the interpreter is missing or broken.
        """
        return interpreter.digest(self._python)

    def _limits(self) -> str:
        """How memory and processes are limited, in words."""
        if self._cgroups is None:
            return "memory and processes are watched, and limited process by process (no control group can be made here)"
        return self._cgroups.describe()


class BubblewrapRunner(_CagedRunner):
    """Runs each job in namespaces of its own, below the same supervisor as the local runner, with the same limits.

    The script sees the system and its Python read-only, its view read-only, its own working folder, and nothing else of the machine; it is
    nobody there, without any capability. Jobs may run concurrently.

    `python`: the interpreter of the candidates; none: the one that runs this.

    Raises:
        InfrastructureError: bubblewrap is not installed.
    """

    name = "bubblewrap"

    def __init__(self, python: Path | None = None):
        super().__init__(python)
        program = bubblewrap.program()
        if program is None:
            raise InfrastructureError("bubblewrap is not installed: install the package `bubblewrap` of your system")
        self._bwrap = program

    async def execute(self, job: Job) -> ExecutionResult:
        """Run the job to its end, its limit or its cancellation; afterwards no process of it is left, nor its temporary folder.

        Raises:
            InfrastructureError: there is no interpreter, no input, no cage, or no space or permission for a folder.
            ValueError: a name in `collect` is not a plain file name.
            asyncio.CancelledError: after the process tree is gone.
        """
        groups = self._cgroups.make(job.limits) if self._cgroups else ()
        try:
            result = await execute(job, Workspace(linked=True), partial(self._prepare, groups))
        finally:
            cgroups.remove(groups)
        if result.returncode == 1 and result.log.startswith("bwrap: ") and not bubblewrap.works(self._bwrap):
            raise InfrastructureError(f"bubblewrap can make no cage: {result.log[:500].strip()}")
        return result

    async def _prepare(self, groups: tuple[Path, ...], job: Job, workspace: Workspace) -> tuple[Setting, Launch]:
        shown = layout(job, workspace, self._python)

        def variables(marker: str) -> dict[str, str]:
            return interpreter.variables(job, self._python, HOME, Path(shown.temporary), marker)

        script: tuple[str, ...] = (str(self._python), "solution.py")
        if not any((group / "pids.max").exists() for group in groups):
            script = bubblewrap.limited(script, job.limits.processes)
        command = bubblewrap.command(self._bwrap, shown, script)
        launch = start_supervisor(self._python, command, workspace.work, variables)
        return Setting(os.getpid(), WORK, caged=True, cgroups=groups), launch

    def describe(self) -> str:
        """One sentence: what holds a script, and what does not."""
        return f"bubblewrap: {CAGE}; {self._limits()}; scripts start cold"


class ForkserverRunner(_CagedRunner):
    """Runs each job in a cage of the same kind, in a process forked from one that has imported what the script imports.

    The first script with other imports, threads or seed waits until such a process has started; the others start within milliseconds.
    What cannot be forked, or crashes in a way that forking may have caused, is executed by a new interpreter in the same cage.
    For Linux 5.12 and later, where users may make namespaces. Jobs may run concurrently.

    `python`: the interpreter of the candidates; none: the one that runs this. `warm`: false: always a new interpreter.
    """

    name = "forkserver"

    def __init__(self, python: Path | None = None, warm: bool = True):
        super().__init__(python)
        self._warm = warm
        self._servers = ForkServer(self._python)
        weakref.finalize(self, self._servers.close)

    async def execute(self, job: Job) -> ExecutionResult:
        """Run the job to its end, its limit or its cancellation; afterwards no process of it is left, nor its temporary folder.

        Raises:
            InfrastructureError: there is no interpreter, no input, no cage, or no space or permission for a folder.
            ValueError: a name in `collect` is not a plain file name.
            asyncio.CancelledError: after the process tree is gone.
        """
        kind = Kind(imports.slow_packages(job.code), job.threads, job.seed % 2**32)
        if self._warm and not self._servers.refusal(kind):
            try:
                result = await self._execute(job, kind, ())
            except InfrastructureError:
                if not self._servers.refusal(kind):
                    raise
            else:
                if not _forking_may_be_the_cause(result):
                    return result
        return await self._execute(job, Kind((), 1, 0), (str(self._python), "solution.py"))

    async def _execute(self, job: Job, kind: Kind, command: tuple[str, ...]) -> ExecutionResult:
        try:
            return await self._execute_once(job, kind, command)
        except ZygoteGoneError:  # ended since its last job, for whatever reason
            return await self._execute_once(job, kind, command)

    async def _execute_once(self, job: Job, kind: Kind, command: tuple[str, ...]) -> ExecutionResult:
        # A second cancellation must not leave it borrowed for ever.
        zygote = await uninterrupted_thread(partial(self._servers.borrow, kind, self._variables(kind)))
        groups: tuple[Path, ...] = ()
        try:
            groups = self._cgroups.make(job.limits) if self._cgroups else ()
            return await execute(job, Workspace(linked=True), partial(self._prepare, kind, zygote, command, groups))
        finally:
            cgroups.remove(groups)
            self._servers.give_back(kind)

    async def _prepare(
        self, kind: Kind, zygote: Zygote, command: tuple[str, ...], groups: tuple[Path, ...], job: Job, workspace: Workspace
    ) -> tuple[Setting, Launch]:
        shown = layout(job, workspace, self._python)
        root = workspace.root / "root"
        root.mkdir()

        async def launch(start: Start) -> Supervisor:
            variables = interpreter.variables(job, self._python, HOME, Path(shown.temporary), start.marker)
            try:
                zygote.fork(Order(shown, root, variables, job.threads, command), start)
            except OSError as error:
                self._servers.forget(kind, zygote)
                raise ZygoteGoneError(f"the process that scripts are forked from has ended: {error}") from error
            return Forked(zygote, start)

        return Setting(zygote.pid, WORK, caged=True, cgroups=groups), launch

    def _variables(self, kind: Kind) -> dict[str, str]:
        """The environment of a zygote: what libraries read when they are imported is the same as in the job."""
        job = Job("", Path(), Path(), threads=kind.threads, seed=kind.hash_seed)
        variables = interpreter.variables(job, self._python, HOME, Path("/tmp"), "")
        del variables[interpreter.MARKER]
        return variables

    def describe(self) -> str:
        """One sentence: what holds a script, and what does not."""
        start = "scripts are forked from a process that has imported what they import" if self._warm else "scripts start cold"
        return f"forkserver: {CAGE}; {self._limits()}; {start}"


def _forking_may_be_the_cause(result: ExecutionResult) -> bool:
    if result.status is not Status.CRASHED:
        return False
    return result.returncode in _NATIVE_CRASHES or _FORKED.search(result.error) is not None
