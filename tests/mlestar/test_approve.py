"""A run that asks its user, on the command line."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from competitions import make_example
from journal import find_runs

pytestmark = pytest.mark.slow
SMALL = ["--tracks", "1", "--models", "1", "--outer-steps", "1", "--inner-steps", "1", "--ensemble-rounds", "0", "--folds", "2"]


def mlestar(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mlestar", *arguments],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def environment(folder: Path) -> dict[str, str]:
    home = {"HOME": str(folder), "MLESTAR_CACHE": str(folder / "cache"), "PREFECT_HOME": str(folder / "prefect")}
    return {"PYTHONPATH": str(Path.cwd()), **os.environ, **home}


def test_it_waits_says_so_and_goes_on_from_the_answer(tmp_path: Path) -> None:
    competition = str(make_example("wine-recognition", tmp_path / "competitions"))
    begun = mlestar(tmp_path, "run", competition, *SMALL, "--approve", "targets")
    assert begun.returncode == 3 and "mlestar approve" in begun.stderr
    assert '"state": "waiting"' in mlestar(tmp_path, "show", "last", "--json").stdout
    wrong = mlestar(tmp_path, "approve", "last", "--block", "nonsense")
    assert wrong.returncode == 2 and "--block: 'nonsense' cannot be chosen" in wrong.stderr
    assert mlestar(tmp_path, "approve", "last").returncode == 2
    second = mlestar(tmp_path, "approve", "last", "--yes")
    assert second.returncode == 3, second.stderr

    (run,) = find_runs(tmp_path / "runs")
    (question,) = run.questions
    other = next(block for block in question.blocks if block != question.block)
    assert in_a_terminal(tmp_path, ["approve", "last"], f"{other}\n\n") == 0
    run.refresh()
    assert run.tree().studies[0].target in (other, None)
    assert run.finished is not None and run.finished.chosen is not None
    assert mlestar(tmp_path, "approve", "last").returncode == 2


def in_a_terminal(folder: Path, arguments: list[str], typed: str) -> int:
    """Run it with a terminal as its input; gives the exit status."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlestar", *arguments], cwd=folder, env=environment(folder), stdin=theirs, stdout=subprocess.DEVNULL
    )
    os.write(ours, typed.encode())
    status = process.wait(timeout=240)
    os.close(ours)
    os.close(theirs)
    return status
