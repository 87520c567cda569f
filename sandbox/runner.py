"""The seam of the sandbox: what a runner is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from journal import Status


class InfrastructureError(RuntimeError):
    """The machine, not the candidate, failed: no space, no interpreter, no permission. Raised, never returned as a result."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one execution. They are no part of a result's identity: they change whether it comes, not what it is."""

    seconds: float = 600.0
    memory: int = 8 * 2**30
    """Bytes, the whole process tree."""
    log: int = 64 * 2**10
    """Bytes of standard output and error kept: the first and the last half; the rest is counted."""
    output: int = 2 * 2**30
    """Bytes of one file that is written."""
    disk: int = 16 * 2**30
    """Bytes on disk of all files that it writes together; watched, about once a second."""
    processes: int = 1024
    """Processes and threads at the same time; where only watching is possible, processes."""
    grace: float = 2.0
    """Seconds between SIGTERM and SIGKILL."""


@dataclass(frozen=True)
class Job:
    """One script to be run on one view.

    The script starts in an empty folder that holds `input/` (the view's files, which it cannot alter for others), as `solution.py`.
    What it leaves under the names in `collect` is put into `output`, if it is a regular file within the limits.
    """

    code: str
    input: Path
    output: Path
    limits: Limits = field(default_factory=Limits)
    threads: int = 1
    gpu: str | None = None
    """CUDA_VISIBLE_DEVICES of the script; none: no GPU is visible."""
    seed: int = 0
    collect: tuple[str, ...] = ("submission.csv", "probabilities.csv")
    gpu_share: float = 1.0
    """Of the GPU's memory, where scripts share one: what torch and JAX take at most."""


@dataclass(frozen=True)
class ExecutionResult:
    """How it ended. `status` is OK where the script exited with 0; whether the submission is valid is not the runner's business."""

    status: Status
    returncode: int | None
    seconds: float
    peak_memory: int
    """Bytes, the largest sum over the process tree that was seen."""
    log: str
    """Standard output and error together, bounded."""
    files: Mapping[str, Path]
    """The collected files by name."""
    files_opened: tuple[str, ...] | None
    """Paths below input/ that were opened, sorted, '/'-separated; none: this runner cannot tell."""
    error: str = ""
    """One or a few lines: the exception of a crash, the limit that was passed, why a file was not collected."""


class Runner(Protocol):
    """Executes scripts. Interchangeable; all runners pass tests/sandbox/conformance.py."""

    @property
    def name(self) -> str:
        """What run records and `mlestar doctor` call it: 'local'."""
        ...

    @property
    def environment(self) -> str:
        """A digest of the candidates' Python and installed packages; part of the key under which results are stored."""
        ...

    async def execute(self, job: Job) -> ExecutionResult:
        """Run the job to its end, its limit or its cancellation; afterwards no process of it is left.

        A failure of the script is a result.

        Raises:
            InfrastructureError: the job could not be run at all.
            asyncio.CancelledError: after the process tree is gone.
        """
        ...
