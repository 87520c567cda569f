"""The local runner: scripts as processes of this machine, limited and observed, but not caged."""

import asyncio
import sys
from functools import cached_property
from pathlib import Path

from sandbox import interpreter, supervision
from sandbox.opened import OpenedFiles
from sandbox.runner import ExecutionResult, Job
from sandbox.uninterrupted import uninterrupted
from sandbox.verdict import bounded, judge
from sandbox.workspace import Workspace


class LocalRunner:
    """Runs each job in a private temporary folder, below a supervisor that enforces the limits and ends the whole process tree.

    The environment of a script is built from nothing, its inputs are copies. It runs as this user, though, and may read the user's
    files and use the network. On systems other than Linux, memory is watched less often, opened files are not seen, and children that
    start a session of their own are found only by the mark in their environment. Jobs may run concurrently.

    `python`: the interpreter of the candidates; none: the one that runs this.
    """

    name = "local"

    def __init__(self, python: Path | None = None):
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
        for name in job.collect:
            if Path(name).name != name:
                raise ValueError(f"Job.collect: {name!r} is not a plain file name")
        workspace = Workspace()
        try:
            provided = await asyncio.to_thread(workspace.fill, job)
            with OpenedFiles(workspace.input, provided) as opened:
                ending = await supervision.run(job, workspace, self._python)
            files, problems = await asyncio.to_thread(workspace.collect, job)
        finally:
            await uninterrupted(asyncio.to_thread(workspace.remove))
        status, why = judge(ending, job.limits)
        return ExecutionResult(
            status=status,
            returncode=ending.returncode,
            seconds=ending.seconds,
            peak_memory=ending.peak_memory,
            log=ending.log,
            files=files,
            files_opened=opened.paths(),
            error=bounded("\n".join(part for part in (why, *problems) if part)),
        )
