"""The flow `benchmark`: the cells of a suite, each a run of its own, one after the other or several at once; none is done twice."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from uuid import uuid4

from prefect import flow, get_run_logger
from prefect.deployments.flow_runs import arun_deployment

from flows.launch import drained_api
from flows.local_server import check_api, check_server
from flows.solve import solve
from journal import Run, Started
from reports.benchmark import RUNS, Bench, Cell, cell_folder, cell_run, write_bench

LOOK_SECONDS = 2.0
POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Progress:
    """What became of a cell."""

    cell: Cell
    position: int
    """From 1, in the suite's order."""
    event: str
    """'there' (finished before), 'begun', 'resumed', 'finished' or 'failed'."""
    run: Run | None = None
    error: str = ""


Launch = Callable[[Path, Cell], Awaitable[None]]
Observer = Callable[[Progress], None]


def bench_here(bench: Bench, out: Path, *, parallel: int = 1, deployment: str | None = None, observe: Observer) -> list[Progress]:
    """Do what is left of a benchmark; gives the cells that failed.

    `parallel`: cells at once. `deployment`: of the flow `solve` ('solve/gpu'), whose workers see `out` and the competitions under the
    same paths; none: in this process.

    Raises:
        RunFolderError: the folder belongs to other settings, or cannot be written; nothing is begun.
        LocalServerError: there is no API.
        KeyboardInterrupt: aborted; the same call goes on.
    """
    if deployment is None:
        check_api()
    else:
        check_server()
    out = out.absolute()
    write_bench(out, bench)
    launch = in_this_process if deployment is None else on_workers(deployment)

    @flow(name="benchmark", flow_run_name=f"{bench.name} · {out.name}", validate_parameters=False)
    async def benchmark(suite: str, cells: int) -> int:  # noqa: ARG001 - shown in the UI
        failed.extend(await run_cells(bench, out, parallel, launch, observe))
        return len(failed)

    failed: list[Progress] = []
    with drained_api():
        asyncio.run(benchmark(bench.name, len(bench.cells)))
    return failed


async def run_cells(bench: Bench, out: Path, parallel: int, launch: Launch, observe: Observer) -> list[Progress]:
    """Every cell that is not finished, in the suite's order, `parallel` at once. A cell's failure ends that cell only."""
    places = asyncio.Semaphore(parallel)

    async def one(position: int, cell: Cell) -> Progress:
        async with places:
            progress = await _one(out, cell, position, launch, observe)
        observe(progress)
        return progress

    ends = await asyncio.gather(*(one(position, cell) for position, cell in enumerate(bench.cells, 1)))
    return [end for end in ends if end.event == "failed"]


async def _one(out: Path, cell: Cell, position: int, launch: Launch, observe: Observer) -> Progress:
    run = await asyncio.to_thread(cell_run, out, cell)
    if run is not None and run.finished is not None:
        return Progress(cell, position, "there", run)
    observe(Progress(cell, position, "begun" if run is None else "resumed", run))
    try:
        if run is None:  # a crash came before there was a run
            await asyncio.to_thread(shutil.rmtree, cell_folder(out, cell), ignore_errors=True)
        await launch(out, cell)
    except Exception as error:
        get_run_logger().exception("%s failed", cell.title)
        return Progress(cell, position, "failed", error=f"{type(error).__name__}: {error}")
    run = await asyncio.to_thread(cell_run, out, cell)
    if run is None or run.finished is None:
        return Progress(cell, position, "failed", run, "the run has no end")
    return Progress(cell, position, "finished", run)


async def in_this_process(out: Path, cell: Cell) -> None:
    """A subflow: the flow `solve`, which takes up a run that is there."""
    await solve(cell.folder, cell.settings, str(out / RUNS), cell.run_id, command=f"mlestar bench: {cell.title}")


def on_workers(deployment: str) -> Launch:
    """By a deployment of the flow `solve`; which worker does it is the server's business."""
    here = uuid4().hex

    async def launch(out: Path, cell: Cell) -> None:
        run = await asyncio.to_thread(cell_run, out, cell)
        if run is not None:
            await asyncio.to_thread(_wait_for_holder, run)
        if run is not None and run.finished is not None:
            return
        # The same key as long as nothing has begun: a flow run that waits in the queue from before is not ordered a second time.
        starts = 0 if run is None else len(list(run.entries(Started)))
        key = hashlib.sha256(f"{out} {cell.run_id} {starts}".encode()).hexdigest()
        if not await _end_of(deployment, out, cell, key):
            await _end_of(deployment, out, cell, f"{key}-{here}")

    return launch


async def _end_of(deployment: str, out: Path, cell: Cell, key: str) -> bool:
    """Order the cell and wait; whether it completed."""
    ordered = await arun_deployment(
        deployment,
        parameters={
            "competition": cell.folder,
            "settings": cell.settings.model_dump(mode="json"),
            "runs_dir": str(out / RUNS),
            "run_id": cell.run_id,
            "command": f"mlestar bench: {cell.title}",
        },
        flow_run_name=cell.title,
        idempotency_key=key,
        poll_interval=POLL_SECONDS,
    )
    return ordered.state is not None and ordered.state.is_completed()


def _wait_for_holder(run: Run) -> None:
    """A worker may have it still, from before our own end."""
    while run.finished is None and run.held:
        sleep(LOOK_SECONDS)
        run.refresh()
