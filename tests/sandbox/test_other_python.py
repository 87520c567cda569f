"""Candidates on another Python environment than mlestar's: packages, paths and the warm start are those of that environment."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from flows.workshop import make_runner
from journal import Settings, Status
from sandbox import BubblewrapRunner, ExecutionResult, ForkserverRunner, Job, Limits, LocalRunner, Runner

CODE = """
import importlib.util, sys
import numpy
print(sys.prefix, numpy.__file__, importlib.util.find_spec("mlestar"), importlib.util.find_spec("pandas"))
print(float(numpy.linalg.inv(numpy.eye(3)).sum()))
"""


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment of its own that has numpy and nothing else."""
    folder = tmp_path_factory.mktemp("other") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    spec = find_spec("numpy")
    assert spec is not None and spec.origin is not None
    packages = Path(spec.origin).parents[1]
    target = next(folder.glob("lib/python*/site-packages"))
    for found in packages.glob("numpy*"):
        shutil.copytree(found, target / found.name, copy_function=link)
    return folder / "bin" / "python"


def link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


async def run(runner: Runner, folder: Path, code: str = CODE) -> ExecutionResult:
    (folder / "view").mkdir(exist_ok=True)
    return await runner.execute(Job(code, folder / "view", folder / "output", Limits(seconds=60.0)))


@pytest.mark.parametrize("kind", ["forkserver", "cold", "bubblewrap", "local"])
async def test_scripts_have_the_packages_of_that_environment_only(kind: str, other: Path, tmp_path: Path) -> None:
    if kind == "bubblewrap" and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    make = {"bubblewrap": BubblewrapRunner, "local": LocalRunner}.get(kind)
    runner = make(other) if make else ForkserverRunner(other, warm=kind == "forkserver")
    result = await run(runner, tmp_path)
    assert result.status is Status.OK, result.log
    prefix, numpy, mlestar, pandas = result.log.splitlines()[0].split()
    assert (prefix, mlestar, pandas) == (str(other.parents[1]), "None", "None")
    assert numpy.startswith(f"{prefix}/")


async def test_the_warm_start_is_of_that_environment(other: Path, tmp_path: Path) -> None:
    runner = ForkserverRunner(other)
    await run(runner, tmp_path)
    code = "import time, sys; started = time.perf_counter(); import numpy; print(time.perf_counter() - started, sys.prefix)"
    result = await run(runner, tmp_path, code)
    seconds, prefix = result.log.split()
    assert prefix == str(other.parents[1])
    assert float(seconds) < 0.01  # it was imported before


def test_a_setting_names_it_and_its_packages_are_part_of_the_identity(other: Path) -> None:
    chosen = make_runner(Settings(python=str(other)), "scope")
    assert chosen.environment == LocalRunner(other).environment != make_runner(Settings(), "scope").environment
