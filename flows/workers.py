"""The `workers` runner: scripts are executed by `mlestar worker` processes, here or on other machines.

Views and results travel through a declared storage, by their content; see flows/exchange.py for who writes what. A worker that dies costs
the attempt it had, which another worker makes again; a job has one outcome, however often it was handed out.
"""

import asyncio
import contextlib
import logging
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeVar

import httpx
from prefect.exceptions import PrefectException

from flows.exchange import LOST_SECONDS, Beat, Order, Outcome, Places, digest_of, view_name
from flows.lease import LeaseKeeper
from flows.storage import Storage, pack
from journal import Status
from sandbox import ExecutionResult, InfrastructureError, Job
from sandbox.uninterrupted import uninterrupted

TITLE: ContextVar[str] = ContextVar("mlestar_title", default="script")
"""What the evaluation that is going on is called; Prefect's pages show it."""
LOOK_SECONDS, LOOK_FAR_SECONDS = 0.05, 0.5
"""How often an outcome is looked for: in a folder, in an object store."""
GIVE_BACK_SECONDS = 8.0
"""How long a worker may take to end a script that is not wanted any more."""
RING_AGAIN_SECONDS = 60.0
LOST_WORKERS, FAILED_WORKERS = 4, 3
"""So many workers may be lost over one script before it is to blame; so many machines may fail before the run does."""
_log = logging.getLogger(__name__)

R = TypeVar("R", Beat, Outcome)
T = TypeVar("T")
Ring = Callable[[str, str], Awaitable[None]]
"""Takes a job's id and title; tells workers that it is there."""


@dataclass(frozen=True)
class _Gone:
    """A worker that has the job no more, without an outcome."""

    lost: bool = False
    """It fell silent."""
    failure: str = ""
    """Its machine could not do it."""


def _deadly(attempt: int, lost: int) -> Outcome:
    """What a script comes to that takes its workers with it."""
    return Outcome(
        worker="",
        attempt=attempt,
        status=Status.KILLED,
        returncode=None,
        seconds=0.0,
        peak_memory=0,
        log="",
        files=(),
        files_opened=None,
        error=f"{lost} workers were lost while they ran this script",
    )


class WorkersRunner:
    """Hands jobs to workers and waits for what comes of them. One event loop; jobs may run concurrently.

    `scope`: the run's name in the storage; a run that is taken up again finds what was done in the meantime.
    """

    name = "workers"

    def __init__(self, storage: Storage, scope: str, environment: str, tell: Ring) -> None:
        self._storage = storage
        self._places = Places(scope)
        self._environment = environment
        self._tell = tell
        self._lease = LeaseKeeper(storage, self._places, environment)
        self._views: dict[tuple[object, ...], str] = {}
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ringing: set[asyncio.Task[None]] = set()
        self._ringing_one = asyncio.Lock()

    @property
    def environment(self) -> str:
        """Digest of the workers' Python and packages."""
        return self._environment

    def describe(self) -> str:
        """One sentence: who executes the scripts."""
        return f"workers: scripts run in `mlestar worker` processes, each in the strongest cage of its machine, through {self._storage.url}"

    async def execute(self, job: Job) -> ExecutionResult:
        """Have the job done by a worker; on cancellation its script has ended when this returns, where its worker lives.

        Raises:
            InfrastructureError: no worker's machine could do it, or the storage failed.
            ValueError: a name in `collect` is not a plain file name.
            asyncio.CancelledError: the worker has given it back.
        """
        for name in job.collect:
            if Path(name).name != name:
                raise ValueError(f"Job.collect: {name!r} is not a plain file name")
        order = await asyncio.to_thread(self._order, job, TITLE.get())
        async with self._one_at_a_time[order.id]:
            outcome = await self._outcome(order)
        return await asyncio.to_thread(self._result, job, order.id, outcome)

    def close(self, finished: bool = False) -> None:
        """No more jobs. `finished`: nobody will take the run up again, its objects are removed; views stay. Blocking."""
        self._lease.close()
        if finished:
            self._storage.remove(self._places.folder)

    async def _outcome(self, order: Order) -> Outcome:
        attempt = await asyncio.to_thread(self._last_attempt, order.id)
        lost, failures = 0, list[str]()
        while True:
            async with self._wanted(order.id, attempt):
                end = await self._watch(order, attempt)
            if isinstance(end, Outcome):
                return end
            attempt += 1
            lost += end.lost
            if end.failure:
                failures.append(end.failure)
            _log.warning("%s: %s; another worker does it again", order.title, end.failure or "its worker is gone")
            if len(failures) >= FAILED_WORKERS:
                raise InfrastructureError(f"{len(failures)} workers could not do it: {failures[-1]}")
            if lost >= LOST_WORKERS:
                return _deadly(attempt, lost)

    @contextlib.asynccontextmanager
    async def _wanted(self, job: str, attempt: int) -> AsyncIterator[None]:
        """The job stands in the lease; when it is cancelled, it is waited for that its worker gives it back."""
        await asyncio.to_thread(self._lease.want, job, attempt)
        try:
            yield
        except asyncio.CancelledError:
            self._lease.drop(job)
            await uninterrupted(self._given_back(job, attempt))
            raise
        finally:
            self._lease.drop(job)

    async def _watch(self, order: Order, attempt: int) -> "Outcome | _Gone":
        """Until there is an outcome, or the worker that had the job has it no more."""
        look = LOOK_SECONDS if self._storage.is_folder else LOOK_FAR_SECONDS
        heard, rung, beat = monotonic(), -RING_AGAIN_SECONDS, -2
        claimed = False
        while True:
            if outcome := await self._read(Outcome, self._places.outcome(order.id)):
                return outcome
            if not claimed:
                heard = monotonic()
                claimed = bool(await self._look(self._storage.exists, self._places.claim(order.id, attempt)))
                if not claimed and heard - rung > RING_AGAIN_SECONDS:
                    if rung > 0:
                        _log.warning("%s: no worker has taken it for %.0f s — start one: mlestar worker", order.title, RING_AGAIN_SECONDS)
                    rung = heard
                    self._ring(order)
            else:
                last = await self._read(Beat, self._places.beat(order.id, attempt))
                if last is not None and last.gone:
                    return await self._read(Outcome, self._places.outcome(order.id)) or _Gone(failure=last.failure)
                if last is not None and last.beat != beat:
                    heard, beat = monotonic(), last.beat
                if monotonic() - heard > LOST_SECONDS:
                    return _Gone(lost=True)
            await asyncio.sleep(look)

    async def _read(self, kind: type[R], name: str) -> R | None:
        data = await self._look(self._storage.read, name)
        return kind.model_validate_json(data) if data else None

    async def _look(self, what: Callable[[str], T], name: str) -> T:
        """A folder answers faster than a thread starts."""
        return what(name) if self._storage.is_folder else await asyncio.to_thread(what, name)

    async def _given_back(self, job: str, attempt: int) -> None:
        """Wait for the worker, if one has taken it, to end the script; not for ever."""
        deadline = monotonic() + GIVE_BACK_SECONDS
        while monotonic() < deadline:
            if not await self._look(self._storage.exists, self._places.claim(job, attempt)):
                return
            last = await self._read(Beat, self._places.beat(job, attempt))
            if last is not None and last.gone:
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _ring(self, order: Order) -> None:
        """In the background: the server may be away, and workers look for themselves, too."""

        async def try_it() -> None:
            try:
                async with self._ringing_one:  # several at once make a server on SQLite answer after seconds
                    await self._tell(order.id, order.title)
            except (httpx.HTTPError, PrefectException, OSError) as error:
                _log.info("%s: the server did not take the background task (%s); workers find it in the storage", order.title, error)

        task = asyncio.ensure_future(try_it())
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    def _order(self, job: Job, title: str) -> Order:
        """The view and the job, in the storage."""
        order = Order(
            title=title,
            code=job.code,
            view=self._provide(job.input),
            **vars(job.limits),
            threads=job.threads,
            gpu=job.gpu,
            seed=job.seed,
            collect=job.collect,
        )
        self._storage.write(self._places.job(order.id), order.model_dump_json().encode())
        return order

    def _provide(self, folder: Path) -> str:
        """A view's digest; its tar is in the storage afterwards."""
        if not folder.is_dir():
            raise InfrastructureError(f"the input folder {folder} does not exist or is no folder")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        key = (folder, *((str(path), (stat := path.stat()).st_mtime_ns, stat.st_size) for path in files))
        if key not in self._views:
            digest = digest_of(folder, files)
            if not self._storage.exists(view_name(digest)):
                with tempfile.TemporaryDirectory(prefix="mlestar-view-") as temporary:
                    tar = Path(temporary) / "view.tar"
                    pack(folder, tar)
                    self._storage.put(tar, view_name(digest))
            self._views[key] = digest
        return self._views[key]

    def _last_attempt(self, job: str) -> int:
        """A run that was taken up again goes on with the attempt that a worker may still be making."""
        attempts = [int(name.rpartition(".")[2]) for name in self._storage.names(self._places.claims) if name.startswith(f"{job}.")]
        return max(attempts, default=0)

    def _result(self, job: Job, identity: str, outcome: Outcome) -> ExecutionResult:
        """Fetch what the script left. Files of an earlier job under these names are replaced or removed."""
        files = {}
        try:
            job.output.mkdir(parents=True, exist_ok=True)
            for name in job.collect:
                (job.output / name).unlink(missing_ok=True)
            for name in outcome.files:
                partial = job.output / f"{name}.partial"
                self._storage.get(self._places.file(identity, outcome.attempt, name), partial)
                files[name] = partial.replace(job.output / name)
        except OSError as error:
            raise InfrastructureError(f"nothing can be written to {job.output}: {error}") from error
        return ExecutionResult(
            status=outcome.status,
            returncode=outcome.returncode,
            seconds=outcome.seconds,
            peak_memory=outcome.peak_memory,
            log=outcome.log,
            files=files,
            files_opened=outcome.files_opened,
            error=outcome.error,
        )
