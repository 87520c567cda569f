"""The runner that puts each script into a cage built by bubblewrap."""

import os
import sys
from functools import cached_property
from pathlib import Path

from sandbox import bubblewrap, cgroups, interpreter
from sandbox.execution import execute
from sandbox.layout import HOME, WORK, layout
from sandbox.runner import ExecutionResult, InfrastructureError, Job
from sandbox.supervision import Launch, Setting, start_supervisor
from sandbox.workspace import Workspace

CAGE = (
    "no network, system and inputs read-only, private /tmp, /dev and /proc, own process namespace, no privileges, "
    "nothing of the home directory, other candidates or the answers in sight"
)


class BubblewrapRunner:
    """Runs each job in namespaces of its own, below the same supervisor as the local runner, with the same limits.

    The script sees the system and its Python read-only, its view read-only, its own working folder, and nothing else of the machine; it is
    nobody there, without any capability. Jobs may run concurrently.

    `python`: the interpreter of the candidates; none: the one that runs this.

    Raises:
        InfrastructureError: bubblewrap is not installed.
    """

    name = "bubblewrap"

    def __init__(self, python: Path | None = None):
        # Not resolved: a virtual environment's interpreter is a link, and known by where the link is.
        self._python = Path(python or sys.executable).absolute()
        program = bubblewrap.program()
        if program is None:
            raise InfrastructureError("bubblewrap is not installed: install the package `bubblewrap` of your system")
        self._bwrap = program
        self._cgroups = cgroups.find()

    @cached_property
    def environment(self) -> str:
        """Digest of the interpreter's version, the platform and the installed distributions. The first call takes about 0.2 s.

        Raises:
            InfrastructureError: the interpreter is missing or broken.
        """
        return interpreter.digest(self._python)

    async def execute(self, job: Job) -> ExecutionResult:
        """Run the job to its end, its limit or its cancellation; afterwards no process of it is left, nor its temporary folder.

        Raises:
            InfrastructureError: there is no interpreter, no input, no cage, or no space or permission for a folder.
            ValueError: a name in `collect` is not a plain file name.
            asyncio.CancelledError: after the process tree is gone.
        """
        groups = self._cgroups.make(job.limits) if self._cgroups else ()
        try:
            return await execute(job, Workspace(linked=True), lambda job, workspace: self._prepare(job, workspace, groups))
        finally:
            cgroups.remove(groups)

    async def _prepare(self, job: Job, workspace: Workspace, groups: tuple[Path, ...]) -> tuple[Setting, Launch]:
        shown = layout(job, workspace, self._python)

        def variables(marker: str) -> dict[str, str]:
            return interpreter.variables(job, self._python, HOME, Path(shown.temporary), marker)

        command = bubblewrap.command(self._bwrap, shown, (str(self._python), "solution.py"))
        launch = start_supervisor(self._python, command, workspace.work, variables)
        return Setting(os.getpid(), WORK, caged=True, cgroups=groups), launch

    def describe(self) -> str:
        """One sentence: what holds a script, and what does not."""
        return f"bubblewrap: {CAGE}; {limits(self._cgroups)}; scripts start cold"


def limits(groups: cgroups.ControlGroups | None) -> str:
    """How memory and processes are limited, in words."""
    if groups is None:
        return "memory and processes are watched and limited by the process only (no control group can be made here)"
    return groups.describe()
