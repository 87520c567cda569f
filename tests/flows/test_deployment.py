import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from competitions import make_example
from journal import find_runs
from tests.flows.conftest import ROOT, Start

pytestmark = pytest.mark.slow


def prefect(*arguments: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_deployment_is_triggered_for_a_competition_and_shows_its_artifacts(
    tmp_path: Path, environment: dict[str, str], server: str, start: Start
) -> None:
    environment |= {"MLESTAR_HOME": str(ROOT), "PREFECT_WORKER_QUERY_SECONDS": "1"}
    competition = make_example("wine-recognition", tmp_path / "competitions")
    prefect("work-pool", "create", "gpu", "--type", "process", env=environment)
    prefect("--no-prompt", "deploy", "--all", env=environment)
    start("prefect", "worker", "start", "--pool", "gpu", env=environment)
    settings = {"evaluations": 14, "tracks": 1, "models": 2, "outer_steps": 1, "inner_steps": 1, "ensemble_rounds": 1}
    parameters = {"competition": str(competition), "settings": settings, "runs_dir": str(tmp_path / "runs")}
    prefect("deployment", "run", "solve/gpu", "--params", json.dumps(parameters), "--watch", "--watch-timeout", "200", env=environment)

    (run,) = find_runs(tmp_path / "runs")
    assert run.finished is not None and run.finished.chosen is not None
    artifacts = httpx.post(f"{server}/artifacts/filter", json={}).json()
    assert {artifact["key"] for artifact in artifacts} >= {
        "ablation-wine-recognition",
        "scores-wine-recognition",
        "progress-wine-recognition",
    }
    names = [each["name"] for each in httpx.post(f"{server}/task_runs/filter", json={}).json()]
    assert any("draft ·" in name for name in names)
    (flow_run,) = httpx.post(f"{server}/flow_runs/filter", json={}).json()
    assert flow_run["state"]["type"] == "COMPLETED"
    assert run.info.id == f"flow-{flow_run['id'][:8]}"
