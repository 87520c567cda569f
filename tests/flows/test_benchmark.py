"""Benchmarks as a user starts them: killed in the middle and started again, and handed to a deployment's workers."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from flows.server_setup import POOLS
from journal import Executed, Run, find_runs
from tests.flows.conftest import ROOT, Start

pytestmark = pytest.mark.slow
SUITE = """
name: two
competitions: [diabetes]
policies: [mle-star, flat]
budgets: {name: few, evaluations: 3}
settings: {tracks: 1, models: 1, folds: 2, ensemble_rounds: 0}
seeds: [1, 2]
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "mlestar", "bench", *map(str, arguments)]


def journals(out: Path) -> dict[str, bytes]:
    return {run.folder.name: (run.folder / "journal.jsonl").read_bytes() for run in find_runs(out / "runs")}


def finished(out: Path) -> list[Run]:
    return [run for run in find_runs(out / "runs") if run.finished is not None]


def test_a_benchmark_that_is_killed_goes_on_and_repeats_nothing(tmp_path: Path, suite: Path, environment: dict[str, str]) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(command(suite, "--out", out), cwd=ROOT, env=environment, start_new_session=True)
    deadline = time.monotonic() + 240
    while not (finished(out) and len(find_runs(out / "runs")) > len(finished(out))):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.3)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before, done = journals(out), {run.folder.name for run in finished(out)}
    assert 1 <= len(done) < 4
    exported = tmp_path / "submissions.jsonl"
    again = subprocess.run(
        command(suite, "--out", out, "--export-mlebench", exported), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert again.stdout.count(": there, ") == len(done)
    after = journals(out)
    assert len(after) == len(finished(out)) == 4
    assert {name: after[name] for name in done} == {name: before[name] for name in done}
    for run in finished(out):
        assert max(Counter((each.candidate, each.fidelity, each.result.fold) for each in run.entries(Executed)).values()) == 1
        assert not any(each.result.stored for each in run.entries(Executed)), "nothing is taken from another run"
    rows = list(csv.DictReader((out / "runs.csv").open()))
    assert [row["policy"] for row in rows] == ["mle-star", "flat"] * 2
    assert all(row["valid"] == "True" and float(row["test"]) > 0 and float(row["oracle_gain"]) >= 0 for row in rows)
    assert json.loads((out / "grading_report.json").read_text())["total_valid_submissions"] == 4
    assert [json.loads(line)["competition_id"] for line in exported.read_text().splitlines()] == ["diabetes"] * 4
    page = (out / "report.html").read_text()
    assert "<svg" in page and "Performance profiles" in page
    nothing = subprocess.run(command(suite, "--out", out), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert nothing.stdout.count(": there, ") == 4 and journals(out) == after


def test_a_deployments_workers_do_the_cells(tmp_path: Path, suite: Path, environment: dict[str, str], server: str, start: Start) -> None:
    suite.write_text(SUITE.replace("seeds: [1, 2]", "seeds: [1]"))
    for module, arguments in (("mlestar", ["setup-server"]), ("prefect", ["--no-prompt", "deploy", "--name", "gpu"])):
        subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert "gpu" in POOLS
    start("prefect", "worker", "start", "--pool", "gpu", env=environment)
    out = tmp_path / "out"
    done = subprocess.run(
        command(suite, "--out", out, "--deployment", "solve/gpu", "--parallel", 2),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(finished(out)) == 2
    assert (out / "report.md").is_file()


def test_a_deployment_that_is_none_is_said_at_once(tmp_path: Path, suite: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command(suite, "--deployment", "gpu", "--out", tmp_path / "out"),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "--deployment: 'gpu' — write flow/deployment" in done.stderr
    assert not (tmp_path / "out").exists()
