"""The local runner: scripts as processes of this machine, limited and observed, but not caged."""

import asyncio
import os
import sys
from functools import cached_property
from pathlib import Path

from sandbox import interpreter, weights
from sandbox.execution import execute
from sandbox.runner import ExecutionResult, Job
from sandbox.supervision import Launch, Setting, start_supervisor
from sandbox.workspace import Workspace


class LocalRunner:
    """Runs each job in a private temporary folder, below a supervisor that enforces the limits and ends the whole process tree.

    The environment of a script is built from nothing, its inputs are copies. It runs as this user, though, and may read the user's
    files and use the network. On systems other than Linux, memory is watched less often, opened files are not seen, and children that
    start a session of their own are found only by the mark in their environment. Jobs may run concurrently.

    `python`: the interpreter of the candidates; none: the one that runs this. `because`: why there is no cage, for `describe`.
    """

    name = "local"

    def __init__(self, python: Path | None = None, because: str = ""):
        self._because = because
        # Not resolved: a virtual environment's interpreter is a link, and known by where the link is.
        self._python = Path(python or sys.executable).absolute()

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
            InfrastructureError: there is no interpreter, no input, or no space or permission for the temporary or the output folder.
            ValueError: a name in `collect` is not a plain file name.
            asyncio.CancelledError: after the process tree is gone.
        """
        return await execute(job, Workspace(), self._prepare)

    async def _prepare(self, job: Job, workspace: Workspace) -> tuple[Setting, Launch]:
        pretrained = workspace.root / "weights"
        await asyncio.to_thread(weights.link, pretrained)

        def variables(marker: str) -> dict[str, str]:
            return interpreter.variables(job, self._python, workspace.home, workspace.temporary, marker, pretrained)

        launch = start_supervisor(self._python, (str(self._python), "solution.py"), workspace.work, variables)
        return Setting(os.getpid(), workspace.work), launch

    def describe(self) -> str:
        """One sentence: what holds a script, and what does not."""
        because = f"; {self._because}" if self._because else ""
        return (
            "local: scripts run as processes of this user, with limits, without the secrets of the environment and on copies of "
            "the inputs, but not caged: they can read this user's files and use the network" + because
        )
