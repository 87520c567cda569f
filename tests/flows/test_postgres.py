"""Runs on a server on PostgreSQL: two at once, their scripts at one worker, nothing lost and nothing doubled."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from journal import Evaluated, Executed, Status, find_runs
from tests.flows.postgres import missing, postgres_server
from tests.flows.processes import ROOT, Processes

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing() or "there is one")]
OPTIONS = ["--tracks", "1", "--models", "2", "--evaluations", "4", "--folds", "2"]


@pytest.fixture
def postgres() -> Iterator[str]:
    """Prefect's connection URL."""
    with postgres_server() as url:
        yield url


def test_runs_at_once_are_recorded_whole_and_once(tmp_path: Path, environment: dict[str, str], processes: Processes, postgres: str) -> None:
    api = processes.server(environment | {"PREFECT_API_DATABASE_CONNECTION_URL": postgres})
    environment["PREFECT_API_URL"] = api
    processes.worker(environment, tmp_path / "storage", "--slots", "2")
    where = ["--runner", "workers", "--storage", str(tmp_path / "storage"), "--runs-dir", str(tmp_path / "runs")]
    command = [sys.executable, "-m", "mlestar", "run", "wine-recognition", *OPTIONS, *where]
    started = [
        subprocess.Popen([*command, "--seed", seed], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for seed in ("1", "2")
    ]
    for process in started:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
    runs = find_runs(tmp_path / "runs")
    assert len(runs) == 2
    for run in runs:
        assert run.finished is not None and run.finished.chosen is not None
        evaluated = Counter(entry.candidate for entry in run.entries(Evaluated))
        executed = Counter((entry.candidate, entry.fidelity, entry.result.fold) for entry in run.entries(Executed))
        assert set(evaluated) == {node.number for node in run.tree().nodes}
        assert max(evaluated.values()) == max(executed.values()) == 1
        assert any(entry.result.status is Status.OK and not entry.result.stored for entry in run.entries(Executed))
    states = [run["state"]["type"] for run in httpx.post(f"{api}/flow_runs/filter", json={}).json()]
    assert states == ["COMPLETED", "COMPLETED"]
    assert not list((tmp_path / "storage" / "runs").iterdir())
    assert not (Path(environment["PREFECT_HOME"]) / "prefect.db-wal").exists()  # this machine's SQLite was not used
