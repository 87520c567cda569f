"""What Prefect alone takes from a dispatch to its result: a background task at a task worker, a flow run at a process worker.

Both do nothing. `python -m benchmarks.dispatch {serve,deploy,tasks,flows}` are the processes that take part; `compare` runs them all.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from prefect import flow, task
from prefect.deployments import run_deployment
from prefect.task_worker import serve

from tests.flows.processes import ROOT

TASKS, FLOWS, FIRST = 23, 6, 3
POOL, DEPLOYMENT = "nothing", "nothing/nothing"


@task(persist_result=True, result_storage_key="nothing-{task_run.id}")
async def nothing() -> str:
    """A background task."""
    return "done"


@flow(name="nothing")
async def nothing_at_all() -> str:
    """A flow that is deployed."""
    return "done"


async def tasks() -> list[float]:
    """Seconds of background tasks, one after the other; the first ones are left out."""
    taken = []
    for _ in range(TASKS):
        began = time.monotonic()
        future = nothing.delay()
        await future.wait_async(timeout=60)
        await future.result_async()
        taken.append(time.monotonic() - began)
    return taken[FIRST:]


async def flows() -> list[float]:
    """Seconds of flow runs, polled for ten times a second instead of every five seconds; the first one is left out."""
    taken = []
    for _ in range(FLOWS):
        began = time.monotonic()
        run: Any = await run_deployment(DEPLOYMENT, timeout=120, poll_interval=0.1, as_subflow=False)  # type: ignore[misc]
        if not run.state.is_completed():
            raise RuntimeError(f"a flow run ended as {run.state}")
        taken.append(time.monotonic() - began)
    return taken[1:]


def deploy() -> None:
    """The deployment, for a process pool."""
    source: Any = flow.from_source(source=str(ROOT), entrypoint="benchmarks/dispatch.py:nothing_at_all")
    source.deploy("nothing", work_pool_name=POOL, print_next_steps=False)


def compare(site: Any) -> dict[str, object]:
    """Latencies of both, medians, on one server; `site` is a benchmarks.workers.Site."""
    fleet = site.fleet
    fleet.server()
    environment = fleet.environment("prefect") | {"PREFECT_WORKER_QUERY_SECONDS": "1", "PYTHONPATH": str(ROOT)}
    measured: dict[str, list[float]] = {}
    site.processes.start("benchmarks.dispatch", "serve", env=environment)
    measured["background task"] = _seconds("tasks", environment)
    subprocess.run(
        [sys.executable, "-m", "prefect", "work-pool", "create", POOL, "--type", "process"],
        env=environment,
        capture_output=True,
        check=True,
    )
    _seconds("deploy", environment)
    site.processes.start("prefect", "worker", "start", "--pool", POOL, env=environment)
    measured["run_deployment"] = _seconds("flows", environment)
    site.processes.stop_all()
    for name, seconds in measured.items():
        print(f"{name:16} median {median(seconds):6.2f} s, at most {max(seconds):6.2f} s, {len(seconds)} dispatches")
    return {name: {"median": round(median(seconds), 3), "max": round(max(seconds), 3)} for name, seconds in measured.items()}


def _seconds(what: str, environment: dict[str, str]) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.dispatch", what]
    done = subprocess.run(command, env=environment, cwd=Path(ROOT), capture_output=True, text=True, check=False, timeout=500)
    if done.returncode != 0:
        raise RuntimeError(f"{what} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return list(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    """One of the processes."""
    taken: list[float] = []
    match sys.argv[1]:
        case "serve":
            serve(nothing, limit=2)
        case "deploy":
            deploy()
        case "tasks":
            taken = asyncio.run(tasks())
        case "flows":
            taken = asyncio.run(flows())
    print(json.dumps(taken))


if __name__ == "__main__":
    # under its own name, so that worker and dispatcher mean the same task
    from benchmarks import dispatch

    dispatch.main()
