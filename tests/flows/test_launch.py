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
from tests.flows.conftest import ROOT, fresh_environment

pytestmark = pytest.mark.slow
QUICK = ["--models", "2", "--outer-steps", "1", "--inner-steps", "1", "--ensemble-rounds", "2", "--evaluations", "14", "--folds", "2"]
SHORT = ["--tracks", "1", "--models", "1", "--evaluations", "2", "--folds", "2"]


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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An undisturbed run without server, key or network."""
    folder = tmp_path_factory.mktemp("whole")
    environment = fresh_environment(folder)
    done = mlestar("run", "wine-recognition", *QUICK, "--runs-dir", str(folder / "runs"), env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not left_over(Path(environment["MLESTAR_CACHE"]))
    return the_run(folder / "runs")


def test_a_run_ends_with_a_graded_submission_and_its_reports(whole: Run) -> None:
    assert whole.finished is not None and whole.finished.grade is not None
    assert (whole.folder / "report.html").stat().st_size > 10_000
    assert list((whole.folder / "ablations").glob("*/report.md"))


def test_the_journal_is_lines_of_json(whole: Run) -> None:
    lines = (whole.folder / "journal.jsonl").read_text().splitlines()
    kinds = [json.loads(line)["entry"]["kind"] for line in lines]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"


def test_the_final_script_makes_the_submission_again_without_the_project(whole: Run, tmp_path: Path) -> None:
    data = Path(whole.info.competition_path) / "prepared" / "public"
    command = [
        sys.executable,
        "-I",
        str(whole.folder / "final" / "solution.py"),
        "--data",
        str(data),
        "--output",
        str(tmp_path / "again.csv"),
    ]
    again = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.csv").read_bytes() == (whole.folder / "final" / "submission.csv").read_bytes()


def test_a_run_that_is_killed_again_and_again_ends_as_if_nothing_had_happened(
    whole: Run, tmp_path: Path, environment: dict[str, str]
) -> None:
    command = ["run", "wine-recognition", *QUICK, "--runs-dir", str(tmp_path / "killed")]
    lots = random.Random(0)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-m", "mlestar", *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(lots.uniform(7, 12))
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(5)
        assert not left_over(Path(environment["MLESTAR_CACHE"]))
        command = ["resume", str(the_run(tmp_path / "killed").folder)]
    end = mlestar(*command, env=environment)
    assert end.returncode == 0, end.stderr
    killed = the_run(tmp_path / "killed")
    assert scores(killed) == scores(whole)
    assert killed.finished is not None and whole.finished is not None
    assert killed.finished.score == whole.finished.score
    assert max(Counter(entry.candidate for entry in killed.entries(Evaluated)).values()) == 1
    assert max(Counter((entry.candidate, entry.fidelity, entry.result.fold) for entry in killed.entries(Executed)).values()) == 1


def test_no_secret_of_the_environment_is_left_in_the_run_folder(tmp_path: Path, environment: dict[str, str]) -> None:
    secret = "sk-planted-0123456789"
    environment |= {"OPENAI_API_KEY": secret, "TAVILY_API_KEY": secret, "MY_PASSWORD": secret}
    thief = tmp_path / "thief.py"
    thief.write_text("# %% all\nimport os\nprint(dict(os.environ))\nraise SystemExit(str(dict(os.environ)))\n")
    options = [*SHORT, "--start", str(thief), "--runs-dir", str(tmp_path / "runs")]
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
