"""Prefect's part of the exchange: background tasks tell idle workers at once that there is a job, and show in the UI who did it.

A bell has no parameters, because Prefect would keep them in a folder of this machine; the job's name travels as a task input. A bell may
be lost (queues live in the server's memory, and what a worker has received is never queued again): workers look into the storage as well.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from prefect import Task, get_client
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import Parameter, State, TaskRunResult
from prefect.context import FlowRunContext, TaskRunContext
from prefect.states import Scheduled

from flows.exchange import queue_name

JOB = "job"


def bell(storage: str, environment: str, answer: Callable[[str, str], Awaitable[str]] | None = None) -> Task[[], Any]:
    """The task of one queue. `answer`, on a worker: takes a run's scope and a job's id."""

    async def ring() -> str:
        context = TaskRunContext.get()
        if context is None or answer is None:
            raise RuntimeError("a bell is rung by a worker only")
        (job,) = context.task_run.task_inputs[JOB]
        scope, _, identity = str(getattr(job, "name", "")).rpartition("/")
        return await answer(scope, identity)

    task = Task(ring, name="evaluate", cache_policy=NO_CACHE, log_prints=False)
    task.task_key = queue_name(storage, environment)
    return task


async def ring(storage: str, environment: str, scope: str, job: str, title: str) -> None:
    """Queue a background task for a job; it becomes a task run of the flow run around it, if there is one.

    Raises:
        httpx.HTTPError, PrefectException: the server is away.
    """
    state: State[Any] = Scheduled()
    state.state_details.deferred = True
    inputs: dict[str, list[Any]] = {JOB: [Parameter(name=f"{scope}/{job}")]}
    flow, task = FlowRunContext.get(), TaskRunContext.get()
    if task is not None:
        inputs["__parents__"] = [TaskRunResult(id=task.task_run.id)]
    async with get_client() as client:
        await client.create_task_run(
            bell(storage, environment),
            flow_run_id=flow.flow_run.id if flow is not None and flow.flow_run is not None else None,
            dynamic_key=str(uuid4()),
            name=title,
            state=state,
            task_inputs=inputs,
        )


def active_environments(storage: str) -> list[str]:
    """Environments of the workers that are connected to the server and serve this storage, one entry a worker. Blocking.

    Raises:
        httpx.HTTPError: the server does not answer.
    """
    prefix = queue_name(storage, "")
    with get_client(sync_client=True) as client:
        workers = client.request("POST", "/task_workers/filter", json={}).json()
    return [key.removeprefix(prefix) for worker in workers for key in worker["task_keys"] if key.startswith(prefix)]
