"""A recorded competition, replayed over HTTP: the command, the real client, the search and the grading, without a model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from journal import Operator, Run, open_run
from tests.engineers.endpoint import endpoint
from tests.engineers.replay import Recorded, read

pytestmark = pytest.mark.slow

KEPT = Path(__file__).parents[1] / "exchanges" / "spaceship-titanic"
SETTINGS = ("--models", "2", "--outer-steps", "2", "--inner-steps", "2", "--ensemble-rounds", "2", "--search", "none")
"""Those that the exchanges were recorded with."""


@pytest.fixture
def competition() -> Path:
    beside = Path(__file__).parents[2].parent / "shared" / "competitions"
    folder = Path(os.environ.get("MLESTAR_COMPETITIONS", beside)) / "spaceship-titanic"
    if not folder.is_dir():
        pytest.skip("no development competitions: set MLESTAR_COMPETITIONS to their folder")
    return folder


def run_of(competition: Path, folder: Path, *options: str) -> Run:
    """A finished run of the command; all share what they have scored already."""
    fixed = ("--tracks", "1", "--seed", "0", "--slots", "2", "--runs-dir", str(folder / "runs"))
    command = [sys.executable, "-m", "mlestar", "run", str(competition), *fixed, *options]
    environment = {**os.environ, "OPENAI_API_KEY": "none", "MLESTAR_CACHE": str(folder.parent / "cache")}
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=2400, env=environment)
    assert done.returncode == 0, done.stderr + done.stdout
    return open_run(next((folder / "runs").glob("*/*")))


def test_the_recorded_competition_replays_to_a_better_answer_than_the_recipes_first_solution(competition: Path, tmp_path: Path) -> None:
    recorded = Recorded(read(KEPT))
    with endpoint(recorded) as served:
        run = run_of(competition, tmp_path / "replay", "--model", "openai:recorded", "--base-url", served.url, *SETTINGS)
    ended, first = run.finished, run.tree().first
    assert ended is not None and first is not None
    assert ended.reason == "search complete"
    assert first.candidate.operator is Operator.DRAFT
    assert {"retriever", "init", "merger", "ablation", "target", "ensembler"} <= set(served.agents), served.agents
    assert recorded.exact > len(served.requests) / 2, "most of the search takes the recorded course"
    recipes = run_of(competition, tmp_path / "recipes", "--evaluations", "1").finished
    assert recipes is not None and recipes.score is not None and recipes.grade is not None
    assert ended.score is not None and ended.score > recipes.score, "out of fold"
    assert ended.grade is not None and ended.grade > recipes.grade, "on the private answers"
