"""From a fresh server to a finished run by the commands of docs/prefect.md."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.server_setup import GPU_LIMIT, POOLS
from journal import find_runs
from tests.flows.conftest import ROOT, Start
from tests.flows.site import SMALL, program

pytestmark = pytest.mark.slow


def query(url: str, what: str) -> list[dict[str, Any]]:
    answer = httpx.post(f"{url}/{what}/filter", json={})
    assert answer.status_code == httpx.codes.OK
    return list(answer.json())


def test_a_server_is_set_up_once_or_again(server: str, environment: dict[str, str]) -> None:
    program("mlestar", "setup-server", "--gpu-slots", "2", env=environment)
    httpx.patch(f"{server}/work_pools/gpu", json={"is_paused": True, "concurrency_limit": 3})
    program("mlestar", "setup-server", "--gpu-slots", "3", env=environment)
    pools = {pool["name"]: pool for pool in query(server, "work_pools")}
    assert {name: pool["type"] for name, pool in pools.items()} == {name: kind for name, (kind, _) in POOLS.items()}
    assert (pools["gpu"]["is_paused"], pools["gpu"]["concurrency_limit"]) == (True, 3)
    manifest = pools["gpu-kubernetes"]["base_job_template"]["job_configuration"]["job_manifest"]
    assert manifest["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "{{ gpu }}"
    limits = {limit["name"]: limit["limit"] for limit in query(server, "v2/concurrency_limits")}
    assert limits[GPU_LIMIT] == 3
    (automation,) = query(server, "automations")
    assert automation["trigger"]["posture"] == "Proactive"


def test_without_a_server_it_says_what_to_do(environment: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-m", "mlestar", "setup-server"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "prefect server start" in done.stderr


def test_deployments_are_triggered_and_their_artifacts_shown(
    tmp_path: Path, environment: dict[str, str], server: str, start: Start
) -> None:
    """One by the installed package, one from a git repository, in a worker that starts somewhere else."""
    environment |= {
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "MLESTAR_RUNS": str(tmp_path / "runs"),
        "MLESTAR_REPOSITORY": f"file://{tmp_path / 'repository'}",
    }
    repository(tmp_path / "repository")
    program("mlestar", "setup-server", env=environment)
    program("prefect", "--no-prompt", "deploy", "--name", "gpu", "--name", "gpu-git", env=environment)
    start("prefect", "worker", "start", "--pool", "gpu", env=environment)
    parameters = {"competition": "wine-recognition", "settings": SMALL}
    arguments = ("--params", json.dumps(parameters), "--watch", "--watch-timeout", "200")
    program("prefect", "deployment", "run", "solve/gpu", *arguments, env=environment, cwd=tmp_path)

    (run,) = find_runs(tmp_path / "runs")
    assert run.finished is not None and run.finished.chosen is not None
    artifacts = {artifact["key"]: artifact for artifact in query(server, "artifacts") if artifact["key"]}
    assert set(artifacts) >= {f"{kind}-wine-recognition" for kind in ("ablation", "scores", "progress", "report")}
    assert any("draft ·" in each["name"] for each in query(server, "task_runs"))
    (flow_run,) = query(server, "flow_runs")
    assert flow_run["state"]["type"] == "COMPLETED"
    assert flow_run["name"] == f"wine-recognition · {run.info.id}"
    assert run.info.id == f"flow-{flow_run['id'][:8]}"

    program("prefect", "deployment", "run", "solve/gpu-git", *arguments, env=environment, cwd=tmp_path)
    assert [each["state"]["type"] for each in query(server, "flow_runs")] == ["COMPLETED", "COMPLETED"]


def test_every_parameter_of_the_form_has_a_description(server: str, environment: dict[str, str]) -> None:
    program("mlestar", "setup-server", env=environment)
    program("prefect", "--no-prompt", "deploy", "--all", env=environment)
    deployments = query(server, "deployments")
    assert {deployment["name"] for deployment in deployments} == {"gpu", "gpu-git", "docker", "kubernetes"}
    assert not any(deployment["schedules"] or str(ROOT) in json.dumps(deployment["pull_steps"]) for deployment in deployments)
    schema = next(deployment["parameter_openapi_schema"] for deployment in deployments if deployment["name"] == "gpu")
    assert schema["required"] == ["competition"]
    properties = {**schema["properties"], **schema["definitions"]["Settings"]["properties"]}
    assert {"competition", "model", "seconds", "evaluations", "policy", "tracks"} <= set(properties)
    assert [name for name, each in properties.items() if not each.get("description")] == []


def repository(folder: Path) -> None:
    """A git repository of the sources as they are now."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in tracked:
        if name.endswith((".py", ".md", ".yaml", ".j2", ".html", ".css", ".js", ".json", ".csv")) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    identity = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t"}
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "sources"]):
        subprocess.run(["git", *command], cwd=folder, env={**os.environ, **identity}, check=True)
