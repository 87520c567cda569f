"""`mlestar worker`: takes jobs of any run on its storage, executes them in the strongest cage of this machine, and puts the results there.

It looks after itself: a script whose run is gone or does not want it any more is ended; a job is given back when this process is told
to stop.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from prefect import Task, get_client
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency
from prefect.task_worker import TaskWorker

from evaluation import Slots
from flows.bell import bell
from flows.claims import Claimed, Claims
from flows.exchange import ABANDONED_SECONDS, BEAT_SECONDS, Beat, Lease, Outcome, Places, view_name
from flows.local_server import LocalServerError, check_server
from flows.places import cache_folder
from flows.storage import Storage, StorageError, unpack
from sandbox import DescribedRunner, ExecutionResult, InfrastructureError, Isolation, Job, Limits, best_runner
from sandbox.uninterrupted import uninterrupted

LOOK_SECONDS, LOOK_FAR_SECONDS = 0.1, 1.0
"""How often the storage is looked into for jobs while there is a free slot: a folder, an object store."""
CHECK_SECONDS, CHECK_FAR_SECONDS = 0.25, 1.0
"""How often it is checked that a job is still wanted: in a folder, in an object store."""
LIMIT_AGAIN_SECONDS = 2.0
LIMIT_LEASE_SECONDS = 60.0
"""After a SIGKILL of a worker, its place in the limit is free again."""
_log = logging.getLogger(__name__)


@dataclass
class Worker:
    """One process with a number of slots."""

    storage: Storage
    runner: DescribedRunner
    slots: Slots
    limit: str | None = None
    """A Prefect concurrency limit of which a place is held while a script runs."""
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}")
    _fetching: dict[str, asyncio.Lock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._claims = Claims(self.storage, self.runner.environment, self.name)

    def describe(self) -> str:
        """One line: how scripts are executed here, and what is held for them."""
        held = f"; each holds a place in {self.limit}" if self.limit else ""
        return f"{self.runner.describe()}; storage {self.storage.url}{held}"

    async def serve(self, told: Callable[[], object]) -> None:
        """Until it is cancelled; jobs in hand are given back then. `told` is called when this process gets SIGTERM."""
        identity = await asyncio.to_thread(self.storage.identity)
        queue = bell(identity, self.runner.environment, self.answer)
        tasks = _Tasks(queue, limit=self.slots.count, told=told)
        for copy in tasks.tasks:  # with options of its own, and the key of the function
            copy.task_key = queue.task_key
        parts = [asyncio.ensure_future(part) for part in (tasks.astart(), *(self._look(number) for number in range(self.slots.count)))]
        try:
            await asyncio.gather(*parts)
        finally:  # the first part that ends ends the gathering; the others may still have to give something back
            for part in parts:
                part.cancel()
            await uninterrupted(_ended(parts))

    async def answer(self, scope: str, job: str) -> str:
        """A bell has rung: do this job, or another one of the run if it is taken."""
        async with self.slots.take((0,)) as gpu:
            claimed = await asyncio.to_thread(self._claims.take, scope, job)
            if claimed is None:
                return "another worker has it"
            return await self._do(claimed, gpu)

    async def _look(self, number: int) -> None:
        """Take jobs whose bell was lost, or rang at a busy worker; there is one of these a slot, and they look in turn."""
        look = LOOK_SECONDS if self.storage.is_folder else LOOK_FAR_SECONDS
        await asyncio.sleep(look * number)
        while True:
            async with self.slots.take((1,)) as gpu:
                claimed = await asyncio.to_thread(self._claims.find)
                if claimed is not None:
                    await self._do(claimed, gpu)
            if claimed is None:
                await asyncio.sleep(look * self.slots.count)

    async def _do(self, claimed: Claimed, gpu: str | None) -> str:
        """Execute a job, as long as it is wanted, and say how it ended."""
        order = claimed.order
        beats = asyncio.ensure_future(self._beats(claimed))
        work = asyncio.ensure_future(self._execute(claimed, gpu))
        watch = asyncio.ensure_future(self._until_unwanted(claimed))
        last = Beat(worker=self.name, beat=-1, gone=True)
        _log.info("%s: begun", order.title)
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                how = work.result()
                _log.info("%s: %s", order.title, how)
                return how
            _log.info("%s: not wanted any more", order.title)
            return "not wanted any more"
        except (InfrastructureError, OSError) as error:
            last = last.model_copy(update={"failure": f"{self.name}: {error}"})
            _log.warning("%s: %s", order.title, error)
            return str(error)
        finally:
            # what the bell started is cancelled again at every step, as anyio does it: the end must be said all the same
            await uninterrupted(self._give_back(claimed, last, work, watch, beats))

    async def _give_back(self, claimed: Claimed, last: Beat, *tasks: "asyncio.Future[Any]") -> None:
        """The script has ended when the last beat says so."""
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(StorageError):
            self.storage.write(claimed.places.beat(claimed.order.id, claimed.attempt), last.model_dump_json().encode())

    async def _execute(self, claimed: Claimed, gpu: str | None) -> str:
        order, places = claimed.order, claimed.places
        view = await self._view(order.view)
        with tempfile.TemporaryDirectory(prefix="mlestar-output-") as output:
            limits = Limits(**{name: getattr(order, name) for name in Limits.__dataclass_fields__})
            job = Job(
                order.code, view, Path(output), limits, order.threads, gpu or order.gpu, order.seed, order.collect, self.slots.gpu_share
            )
            async with self._held():
                result = await self.runner.execute(job)
            await asyncio.to_thread(self._deliver, places, order.id, claimed.attempt, result)
        return f"{result.status.value}, {result.seconds:.1f} s"

    def _deliver(self, places: Places, job: str, attempt: int, result: ExecutionResult) -> None:
        """Files first: who sees the outcome finds them."""
        for name, path in result.files.items():
            self.storage.put(path, places.file(job, attempt, name))
        outcome = Outcome(
            worker=self.name,
            attempt=attempt,
            status=result.status,
            returncode=result.returncode,
            seconds=result.seconds,
            peak_memory=result.peak_memory,
            log=result.log,
            files=tuple(result.files),
            files_opened=result.files_opened,
            error=result.error,
        )
        self.storage.write(places.outcome(job), outcome.model_dump_json().encode())

    async def _view(self, digest: str) -> Path:
        """A view's folder on this machine, fetched once."""
        folder = cache_folder() / "fetched" / digest
        async with self._fetching.setdefault(digest, asyncio.Lock()):
            if not await asyncio.to_thread(folder.is_dir):
                await asyncio.to_thread(self._fetch, digest, folder)
        return folder

    def _fetch(self, digest: str, folder: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="mlestar-view-") as temporary:
            tar = Path(temporary) / "view.tar"
            self.storage.get(view_name(digest), tar)
            unpack(tar, folder)

    @contextlib.asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """A place in the concurrency limit; a server that is away is waited for."""
        if self.limit is None:
            yield
            return
        async with contextlib.AsyncExitStack() as stack:
            while True:
                try:
                    await stack.enter_async_context(
                        concurrency(self.limit, lease_duration=LIMIT_LEASE_SECONDS, strict=True, raise_on_lease_renewal_failure=False)
                    )
                    break
                except ConcurrencySlotAcquisitionError as error:
                    _log.warning("%s; trying again", error)
                    await asyncio.sleep(LIMIT_AGAIN_SECONDS)
            yield

    async def _beats(self, claimed: Claimed) -> None:
        name, number = claimed.places.beat(claimed.order.id, claimed.attempt), 0
        while True:
            beat = Beat(worker=self.name, beat=number)
            with contextlib.suppress(StorageError):
                await asyncio.to_thread(self.storage.write, name, beat.model_dump_json().encode())
            number += 1
            await asyncio.sleep(BEAT_SECONDS)

    async def _until_unwanted(self, claimed: Claimed) -> None:
        """Return when the run's lease does not want this attempt, or does not beat any more."""
        job = (claimed.order.id, claimed.attempt)
        heard, beat = monotonic(), -1
        while True:
            with contextlib.suppress(StorageError):
                data = await asyncio.to_thread(self.storage.read, claimed.places.lease)
                if data is None:
                    return  # the run is finished and has cleared up
                lease = Lease.model_validate_json(data)
                if job not in lease.jobs:
                    return
                if lease.beat != beat:
                    heard, beat = monotonic(), lease.beat
            if monotonic() - heard > ABANDONED_SECONDS:
                return
            await asyncio.sleep(CHECK_SECONDS if self.storage.is_folder else CHECK_FAR_SECONDS)


async def _ended(parts: "Sequence[asyncio.Future[None]]") -> None:
    await asyncio.wait(parts)


class _Tasks(TaskWorker):
    """Without Prefect's handler of SIGTERM, which would end this process with scripts running."""

    def __init__(self, *tasks: "Task[Any, Any]", limit: int, told: Callable[[], object]) -> None:
        super().__init__(*tasks, limit=limit)
        self._told = told

    def handle_sigterm(self, signum: int, frame: object) -> None:  # noqa: ARG002
        """Whenever Prefect sets it: the same as our own."""
        self._told()


async def serve_until_told(worker: Worker) -> None:
    """Serve until SIGTERM or SIGINT; afterwards no script of this worker is left."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    serving = asyncio.ensure_future(worker.serve(told.set))
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if serving.done():
        serving.result()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def make_worker(storage: str, gpus: Sequence[str], slots: int | None, limit: str | None, isolation: Isolation) -> Worker:
    """A worker of this machine: a slot a GPU unless told otherwise. Blocking.

    Raises:
        LocalServerError: no server is configured, or it does not answer; or there is no such limit.
        StorageError, InfrastructureError: the storage cannot be used; there is no such cage.
    """
    check_server()
    if limit is not None and limit not in _limits():
        raise LocalServerError(f"--limit: the server has no concurrency limit {limit!r} — make it with `mlestar setup-server`")
    return Worker(Storage(storage), best_runner(isolation=isolation), Slots(slots or max(1, len(gpus)), gpus), limit)


def _limits() -> list[str]:
    with get_client(sync_client=True) as client:
        return [limit["name"] for limit in client.request("POST", "/v2/concurrency_limits/filter", json={}).json()]
