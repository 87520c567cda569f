import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from journal import Status
from sandbox import BubblewrapRunner, ForkserverRunner, InfrastructureError, Job, Limits, LocalRunner, best_runner
from sandbox.choice import _weakness

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


def run(runner: LocalRunner | BubblewrapRunner | ForkserverRunner, folder: Path, code: str, **limits: int) -> tuple[Status, str, str]:
    (folder / "view").mkdir(exist_ok=True)
    result = asyncio.run(runner.execute(Job(code, folder / "view", folder / "output", Limits(seconds=20.0, **limits))))
    return result.status, result.log, result.error


@needs_bubblewrap
def test_a_machine_with_namespaces_gets_the_strongest_runner() -> None:
    runner = best_runner(isolation="required")
    assert runner.name == "forkserver"
    assert "no network" in runner.describe()


def test_without_isolation_it_says_that_there_is_no_cage() -> None:
    runner = best_runner(isolation="none")
    assert runner.name == "local"
    assert "not caged" in runner.describe()
    assert "switched off" in runner.describe()


def test_a_runner_without_a_cage_does_not_pass_the_trial() -> None:
    found = _weakness(LocalRunner, Path(sys.executable))
    assert "it can read other files of this user" in found
    assert "it sees other processes" in found


def test_where_there_is_no_cage_it_is_refused_or_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    (tmp_path / "venv" / "bin" / "python").unlink()
    (tmp_path / "venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "venv" / "bin" / "python").chmod(0o755)
    with pytest.raises(InfrastructureError, match=r"isolation is required.*bubblewrap"):
        best_runner(tmp_path / "venv" / "bin" / "python", isolation="required")
    assert "this machine allows none" in best_runner(tmp_path / "venv" / "bin" / "python").describe()


def test_another_word_for_isolation_is_refused() -> None:
    with pytest.raises(ValueError, match="'maybe'"):
        best_runner(isolation="maybe")  # type: ignore[arg-type]


def test_it_can_be_asked_for_while_an_event_loop_runs() -> None:
    async def ask() -> str:
        _weakness.cache_clear()
        return best_runner().name

    assert asyncio.run(ask()) in ("forkserver", "bubblewrap", "local")


@needs_bubblewrap
def test_bubblewrap_runs_a_script_out_of_sight_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    code = f"import os; print(os.getuid(), os.path.exists({str(tmp_path / 'secret')!r}), os.listdir('input'))"
    assert run(BubblewrapRunner(), tmp_path, code) == (Status.OK, "65534 False []\n", "")


def test_the_limits_on_files_and_processes_hold_without_a_cage_too(tmp_path: Path) -> None:
    status, _, error = run(LocalRunner(), tmp_path, "import time\nopen('x', 'wb').write(b'x' * 2**25); time.sleep(60)", disk=2**24)
    assert (status, error) == (Status.CRASHED, "wrote more than 16 MB to disk (the limit)")
    code = "import os, time\nfor _ in range(30):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)"
    status, _, error = run(LocalRunner(), tmp_path, code, processes=20)
    assert (status, error) == (Status.CRASHED, "ran more than 20 processes (the limit)")


@needs_bubblewrap
def test_an_interpreter_below_the_temporary_folder_is_seen(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    code = "import os, sys; print(sys.executable, os.listdir(os.environ['TMPDIR']))"
    for runner in (ForkserverRunner(python), BubblewrapRunner(python)):
        assert run(runner, tmp_path, code) == (Status.OK, f"{python} []\n", "")
