"""Whole runs as a user starts them: processes of their own, no server configured."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from journal import Evaluated, Executed, Run, find_runs
from tests.flows.conftest import ROOT

pytestmark = pytest.mark.slow
QUICK = ["--tracks", "2", "--models", "2", "--outer-steps", "1", "--inner-steps", "2", "--ensemble-rounds", "2", "--evaluations", "16"]


def mlestar(*arguments: str, env: dict[str, str], timeout: float = 240) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlestar", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=timeout, check=False
    )


def the_run(runs: Path) -> Run:
    (run,) = find_runs(runs)
    return run


def scores(run: Run) -> list[tuple[str, float | None]]:
    return [(node.candidate.action, node.score) for node in run.tree().nodes]


def left_over(marker: Path) -> list[str]:
    """Processes that were started with this test's cache folder in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("MLESTAR_CACHE") == str(marker):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def test_a_run_without_server_key_or_network_ends_with_a_graded_submission(tmp_path: Path, environment: dict[str, str]) -> None:
    done = mlestar("run", "wine-recognition", *QUICK, "--runs-dir", str(tmp_path / "runs"), env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    run = the_run(tmp_path / "runs")
    assert run.finished is not None and run.finished.grade is not None
    assert (run.folder / "report.html").stat().st_size > 10_000
    assert list((run.folder / "ablations").glob("*/report.md"))
    assert not left_over(Path(environment["MLESTAR_CACHE"]))


def test_the_final_script_makes_the_submission_again_without_the_project(tmp_path: Path, environment: dict[str, str]) -> None:
    mlestar("run", "wine-recognition", *QUICK, "--runs-dir", str(tmp_path / "runs"), env=environment)
    run = the_run(tmp_path / "runs")
    data = Path(run.info.competition_path) / "prepared" / "public"
    command = [
        sys.executable,
        "-I",
        str(run.folder / "final" / "solution.py"),
        "--data",
        str(data),
        "--output",
        str(tmp_path / "again.csv"),
    ]
    again = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.csv").read_bytes() == (run.folder / "final" / "submission.csv").read_bytes()


def test_a_run_that_is_killed_again_and_again_ends_as_if_nothing_had_happened(tmp_path: Path, environment: dict[str, str]) -> None:
    whole = mlestar("run", "wine-recognition", *QUICK, "--runs-dir", str(tmp_path / "whole"), env=environment)
    assert whole.returncode == 0, whole.stderr
    environment["MLESTAR_CACHE"] = str(tmp_path / "cache of the killed")
    command = ["run", "wine-recognition", *QUICK, "--runs-dir", str(tmp_path / "killed")]
    lots = random.Random(0)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-m", "mlestar", *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(lots.uniform(8, 16))
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(5)
        assert not left_over(Path(environment["MLESTAR_CACHE"]))
        command = ["resume", str(the_run(tmp_path / "killed").folder)]
    end = mlestar(*command, env=environment)
    assert end.returncode == 0, end.stderr
    killed = the_run(tmp_path / "killed")
    assert scores(killed) == scores(the_run(tmp_path / "whole"))
    assert killed.finished is not None and killed.finished.score == the_run(tmp_path / "whole").finished.score  # type: ignore[union-attr]
    assert max(Counter(entry.candidate for entry in killed.entries(Evaluated)).values()) == 1
    assert max(Counter((entry.candidate, entry.fidelity, entry.result.fold) for entry in killed.entries(Executed)).values()) == 1


def test_no_secret_of_the_environment_is_left_in_the_run_folder(tmp_path: Path, environment: dict[str, str]) -> None:
    secret = "sk-planted-0123456789"
    environment |= {"OPENAI_API_KEY": secret, "TAVILY_API_KEY": secret, "MY_PASSWORD": secret}
    thief = tmp_path / "thief.py"
    thief.write_text("# %% all\nimport os\nprint(dict(os.environ))\nraise SystemExit(str(dict(os.environ)))\n")
    options = ["--start", str(thief), "--tracks", "1", "--models", "1", "--evaluations", "3", "--runs-dir", str(tmp_path / "runs")]
    mlestar("run", "wine-recognition", *options, env=environment)
    files = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_an_interrupt_ends_with_the_best_so_far(tmp_path: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "mlestar", "run", "wine-recognition", "--runs-dir", str(tmp_path / "runs")]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        runs = find_runs(tmp_path / "runs")
        if runs and any(node.valid for node in runs[0].tree().nodes):
            break
        time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    run = the_run(tmp_path / "runs")
    assert run.finished is not None and run.finished.reason == "finish requested"
    assert (run.folder / "final" / "submission.csv").is_file()


def test_a_bad_competition_is_one_line_before_anything_is_made(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "empty").mkdir()
    done = mlestar("run", str(tmp_path / "empty"), "--runs-dir", str(tmp_path / "runs"), env=environment)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_the_journal_is_lines_of_json(tmp_path: Path, environment: dict[str, str]) -> None:
    options = ["--tracks", "1", "--models", "1", "--evaluations", "2", "--runs-dir", str(tmp_path / "runs")]
    mlestar("run", "wine-recognition", *options, env=environment)
    lines = (the_run(tmp_path / "runs").folder / "journal.jsonl").read_text().splitlines()
    kinds = [json.loads(line)["entry"]["kind"] for line in lines]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
