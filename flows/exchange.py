"""What a run and its workers write to each other, and where in the storage.

    views/<digest>.tar              a view, by its content
    runs/<scope>/lease.json         the run's: that it lives, and which jobs it wants done
        jobs/<job>.json             a script and what it runs on, by their content
        claims/<job>.<attempt>      the worker that has taken it, made exclusively
        beats/<job>.<attempt>.json  the worker's: that it lives
        files/<job>.<attempt>/…     what the script left
        outcomes/<job>.json         how it ended; written last

Nobody compares clocks: somebody lives as long as the number in its lease or beat changes.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from journal import Record, Status

BEAT_SECONDS = 1.0
"""Between two beats of a run or a worker."""
LOST_SECONDS = 12.0
"""A worker without a beat for so long is lost; its job is given to another."""
ABANDONED_SECONDS = 6.0
"""A run without a beat for so long is gone; its scripts are ended."""


class Order(Record):
    """A job as it travels; see sandbox.Job."""

    title: str
    code: str
    view: str = Field(description="digest of the view's content")
    seconds: float
    memory: int
    log: int
    output: int
    disk: int
    processes: int
    grace: float
    threads: int
    gpu: str | None
    seed: int
    collect: tuple[str, ...]

    @property
    def id(self) -> str:
        """By content, so that a run which is taken up again finds what was done in the meantime."""
        return hashlib.sha256(self.model_dump_json(exclude={"title"}).encode()).hexdigest()[:32]


class Lease(Record):
    """The run's: `jobs` are wanted, each in its latest attempt. A worker ends what is not, or no longer."""

    beat: int
    owner: str = Field(description="one process of the run")
    environment: str = Field(description="digest of the Python and the packages that the scripts need")
    jobs: tuple[tuple[str, int], ...] = ()


class Beat(Record):
    """A worker's, for one attempt."""

    worker: str
    beat: int
    gone: bool = Field(False, description="it has given the job back")
    failure: str = Field("", description="why its machine could not do it")


class Outcome(Record):
    """See sandbox.ExecutionResult."""

    worker: str
    attempt: int
    status: Status
    returncode: int | None
    seconds: float
    peak_memory: int
    log: str
    files: tuple[str, ...]
    files_opened: tuple[str, ...] | None
    error: str


class Places:
    """Names of one run's objects."""

    def __init__(self, scope: str) -> None:
        self.folder = f"runs/{scope}"
        self.lease = f"{self.folder}/lease.json"
        self.claims = f"{self.folder}/claims"

    def job(self, job: str) -> str:
        return f"{self.folder}/jobs/{job}.json"

    def claim(self, job: str, attempt: int) -> str:
        return f"{self.claims}/{job}.{attempt}"

    def beat(self, job: str, attempt: int) -> str:
        return f"{self.folder}/beats/{job}.{attempt}.json"

    def file(self, job: str, attempt: int, name: str) -> str:
        return f"{self.folder}/files/{job}.{attempt}/{name}"

    def outcome(self, job: str) -> str:
        return f"{self.folder}/outcomes/{job}.json"


def view_name(digest: str) -> str:
    """The object of a view."""
    return f"views/{digest}.tar"


def queue_name(storage: str, environment: str) -> str:
    """The queue of background tasks for workers on this storage with this environment."""
    return f"mlestar-{storage}-{environment}"


def digest_of(folder: Path, files: Sequence[Path]) -> str:
    """Of the files' names and contents. Blocking."""
    whole = hashlib.sha256()
    for path in files:
        name = path.relative_to(folder).as_posix()
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{content} {name}\n".encode())
    return whole.hexdigest()
