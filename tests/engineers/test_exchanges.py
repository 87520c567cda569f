"""A recorded competition, replayed over HTTP: the command, the real client, the search and the grading, without a model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from journal import Operator, open_run
from tests.engineers.endpoint import endpoint
from tests.engineers.replay import Recorded, read

pytestmark = pytest.mark.slow

KEPT = Path(__file__).parents[1] / "exchanges" / "spaceship-titanic"
SETTINGS = ("--models", "2", "--outer-steps", "2", "--inner-steps", "2", "--ensemble-rounds", "2", "--tracks", "1", "--search", "none")
"""Those that the exchanges were recorded with."""


@pytest.fixture
def competition() -> Path:
    beside = Path(__file__).parents[2].parent / "shared" / "competitions"
    folder = Path(os.environ.get("MLESTAR_COMPETITIONS", beside)) / "spaceship-titanic"
    if not folder.is_dir():
        pytest.skip("no development competitions: set MLESTAR_COMPETITIONS to their folder")
    return folder


def test_the_recorded_competition_replays_to_a_graded_answer_better_than_its_first_solution(competition: Path, tmp_path: Path) -> None:
    recorded = Recorded(read(KEPT))
    with endpoint(recorded) as served:
        model = ("--model", "openai:recorded", "--base-url", served.url, "--runs-dir", str(tmp_path / "runs"))
        command = [sys.executable, "-m", "mlestar", "run", str(competition), *model, *SETTINGS]
        environment = {**os.environ, "OPENAI_API_KEY": "none", "MLESTAR_CACHE": str(tmp_path / "cache")}
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900, env=environment)
    assert done.returncode == 0, done.stderr + done.stdout
    run = open_run(next((tmp_path / "runs").glob("*/*")))
    ended, first = run.finished, run.tree().first
    assert ended is not None and first is not None
    assert ended.reason == "search complete"
    assert first.candidate.operator is Operator.DRAFT
    assert {"retriever", "init", "merger", "ablation", "target", "ensembler"} <= set(served.agents), served.agents
    assert recorded.exact > len(served.requests) / 2, "most of the search takes the recorded course"
    assert ended.score is not None and ended.first_score is not None and ended.score > ended.first_score
    assert ended.grade is not None
