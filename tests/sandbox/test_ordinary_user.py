"""The runners as an ordinary user: the same cage, and what is weaker there is said."""

import sys
from pathlib import Path

import pytest

from tests.ordinary_user import as_ordinary_user

pytestmark = pytest.mark.slow

SUBSET = " or ".join(
    (
        "reads_its_input",
        "secrets",
        "pretrained_weights",
        "opened_files",
        "crash_is_explained",
        "daemon_is_ended",
        "growing_memory",
        "cancelling_a_job",
    )
)


@pytest.mark.parametrize("module", ["test_isolated.py", "test_local.py"])
def test_scripts_end_as_they_do_as_root(module: str, tmp_path: Path) -> None:
    words = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/sandbox/{module}", "-m", "not slow", "-k", SUBSET)
    done = as_ordinary_user(tmp_path / "home", *words, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_the_cage_is_the_same_and_says_how_it_limits(tmp_path: Path) -> None:
    code = "import os; from sandbox import best_runner; assert os.getuid() == 65534; print(best_runner().describe())"
    done = as_ordinary_user(tmp_path / "home", sys.executable, "-c", code, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith(("forkserver:", "bubblewrap:")) or "kernel" in done.stdout
    assert "watched" in done.stdout or "cgroup" in done.stdout
