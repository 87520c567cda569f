"""A deployment's run that asks: suspended, without a process, until its form is sent; then it goes on where it was."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from journal import Answered, find_runs
from tests.flows.conftest import ROOT, Start
from tests.flows.processes import wait_until

pytestmark = pytest.mark.slow
SMALL = {"approve": "targets", "tracks": 1, "models": 1, "outer_steps": 1, "inner_steps": 1, "ensemble_rounds": 0, "folds": 2}
PATIENCE = 180.0


def prefect(*arguments: str, env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def ended_as(server: str, *kinds: str) -> dict[str, Any]:
    """The one flow run, once its state is of one of the kinds."""

    def there() -> list[dict[str, Any]]:
        runs = httpx.post(f"{server}/flow_runs/filter", json={}, timeout=60).json()
        return [run for run in runs if run["state"]["type"] in kinds]

    wait_until(there, PATIENCE, f"a run that is {kinds}")
    return there()[0]


def test_a_run_is_suspended_until_its_form_is_sent(tmp_path: Path, environment: dict[str, str], server: str, start: Start) -> None:
    environment |= {"PREFECT_WORKER_QUERY_SECONDS": "1", "MLESTAR_RUNS": str(tmp_path / "runs")}
    prefect("work-pool", "create", "--type", "process", "gpu", env=environment)
    prefect("--no-prompt", "deploy", "--name", "gpu", env=environment)
    start("prefect", "worker", "start", "--pool", "gpu", env=environment)
    parameters = {"competition": "wine-recognition", "settings": SMALL}
    prefect("deployment", "run", "solve/gpu", "--params", json.dumps(parameters), env=environment)

    asked = ended_as(server, "PAUSED", "FAILED", "CRASHED")
    assert asked["state"]["name"] == "Suspended"
    (run,) = find_runs(tmp_path / "runs")
    assert not run.held, "a suspended run holds no process"
    assert [question.id for question in run.questions] == ["cards"]
    resume(server, asked, {"card": ""})

    asked = ended_as(server, "PAUSED", "FAILED", "CRASHED")
    run.refresh()
    (question,) = run.questions
    other = next(block for block in question.blocks if block != question.block)
    resume(server, asked, {"block": other, "plan": "Something of my own."})

    done = ended_as(server, "COMPLETED", "FAILED", "CRASHED")
    assert done["state"]["type"] == "COMPLETED" and done["id"] == asked["id"]
    run.refresh()
    assert run.finished is not None and run.finished.chosen is not None
    assert [answer.block for answer in run.entries(Answered)] == [None, other]
    assert run.tree().studies[0].target == other


def resume(server: str, run: dict[str, Any], form: dict[str, str]) -> None:
    """As the page does it, once the form is there: it comes a moment after the state. The run is no longer paused afterwards."""

    def sent() -> bool:
        return bool(
            httpx.post(f"{server}/flow_runs/{run['id']}/resume", json={"run_input": form}, timeout=60).json().get("status") == "ACCEPT"
        )

    wait_until(sent, PATIENCE, "the form is taken")
