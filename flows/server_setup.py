"""What a Prefect server must have before it can serve runs: pools, limits, and the automation that notices runs whose machine is gone."""

import json
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectAlreadyExists
from prefect.workers.process import ProcessWorker

GPU_LIMIT, MODEL_LIMIT = "mlestar-gpu", "mlestar-model"
"""Names of the limits: scripts at once over all task workers; model calls at once, and a rate, over all runs."""
ZOMBIES = "mlestar: runs without a heartbeat have crashed"
HEARTBEAT = "prefect.flow-run.heartbeat"
SILENT_SECONDS = 120
"""Three heartbeats of 30 s and some delay."""
POOLS = {
    "gpu": ("process", ""),
    "gpu-docker": ("docker", "docker-job-template.json"),
    "gpu-kubernetes": ("kubernetes", "kubernetes-job-template.json"),
}


@dataclass(frozen=True)
class Limits:
    """How much may go on at once, over all machines of a server."""

    gpu_slots: int = 1
    """Scripts at once of all task workers that hold the limit."""
    model_calls: int = 8
    """Model calls that may be begun at once."""
    model_calls_per_minute: float = 60.0
    """How fast those come back."""


async def set_up_server(limits: Limits) -> list[str]:
    """Make what is missing and bring what is there to these values; safe to run again, also while runs go on. A line for each thing.

    Raises:
        httpx.HTTPError: the server does not answer, or refuses.
    """
    done = []
    async with get_client() as client:
        for name, (kind, template) in POOLS.items():
            done.append(await _pool(client, name, kind, template))
        await client.upsert_global_concurrency_limit_by_name(GPU_LIMIT, limits.gpu_slots)
        done.append(f"limit {GPU_LIMIT}: {limits.gpu_slots} scripts at once")
        per_second = limits.model_calls_per_minute / 60
        await client.upsert_global_concurrency_limit_by_name(MODEL_LIMIT, limits.model_calls, per_second)
        done.append(f"limit {MODEL_LIMIT}: {limits.model_calls} calls at once, {limits.model_calls_per_minute:g} a minute")
        existing = await client.read_automations_by_name(ZOMBIES)
        automation = zombie_automation()
        if existing:
            await client.update_automation(existing[0].id, automation)
        else:
            await client.create_automation(automation)
        done.append(f"automation '{ZOMBIES}': after {SILENT_SECONDS} s")
    return done


def zombie_automation() -> AutomationCore:
    """A run that has sent a heartbeat, and then neither another one nor its end, is marked as crashed."""
    ends = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
    return AutomationCore(
        name=ZOMBIES,
        description="The flow's process or its machine is gone: the run can be retried and goes on where it was.",
        trigger=EventTrigger(
            after={HEARTBEAT},
            expect={HEARTBEAT, *ends},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=SILENT_SECONDS),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="No heartbeat for two minutes: its process or machine is gone.")],
    )


async def _pool(client: PrefectClient, name: str, kind: str, template: str) -> str:
    """A pool that is there keeps its queues, its limit and whether it is paused; the template of containers becomes ours."""
    given: dict[str, Any] = (
        json.loads(files("deploy").joinpath(template).read_text()) if template else ProcessWorker.get_default_base_job_template()
    )
    try:
        await client.create_work_pool(WorkPoolCreate(name=name, type=kind, base_job_template=given))
    except ObjectAlreadyExists:
        if template:
            await client.update_work_pool(name, WorkPoolUpdate(base_job_template=given))
        return f"work pool {name}: {kind}, was there"
    return f"work pool {name}: {kind}"
