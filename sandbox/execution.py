"""One execution from the folder that is filled to the result: the same for all runners that have a supervisor."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from sandbox import supervision
from sandbox.opened import OpenedFiles
from sandbox.runner import ExecutionResult, Job
from sandbox.supervision import Launch, Setting
from sandbox.uninterrupted import uninterrupted_thread
from sandbox.verdict import bounded, judge
from sandbox.workspace import Workspace


async def execute(
    job: Job, workspace: Workspace, prepare: Callable[[Job, Workspace], Awaitable[tuple[Setting, Launch]]]
) -> ExecutionResult:
    """Run the job in the workspace, which is removed afterwards. `prepare`: how its supervisor is to be started.

    Raises:
        InfrastructureError: it could not be run at all.
        ValueError: a name in `collect` is not a plain file name.
        asyncio.CancelledError: after the process tree is gone.
    """
    try:
        for name in job.collect:
            if Path(name).name != name:
                raise ValueError(f"Job.collect: {name!r} is not a plain file name")
        provided = await asyncio.to_thread(workspace.fill, job)
        setting, launch = await prepare(job, workspace)
        with OpenedFiles(workspace.input, provided) as opened:
            ending = await supervision.run(job, workspace, setting, launch)
        files, problems = await asyncio.to_thread(workspace.collect, job)
    finally:
        await uninterrupted_thread(workspace.remove)
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
