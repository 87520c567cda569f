"""Whole runs with a chat model behind a loopback endpoint, through the command line; and their replay from kept exchanges."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from competitions import load_competition, make_brief, make_example
from engineers.llm import Exchanges
from journal import Asked, Operator, open_run
from tests.engineers.competent import Competent
from tests.engineers.endpoint import Answerer, endpoint
from tests.engineers.replay import Recorded, keep, read

SMALL = ("--models", "2", "--outer-steps", "1", "--inner-steps", "2", "--ensemble-rounds", "1", "--folds", "2", "--search", "none")


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_example("wine-recognition", tmp_path_factory.mktemp("competition"))


def solve(competition: Path, answer: Answerer, runs: Path, *options: str):
    """The finished process, its run, and the endpoint that served it."""
    with endpoint(answer) as served:
        model = ("--model", "openai:by-hand", "--base-url", served.url)
        command = [sys.executable, "-m", "mlestar", "run", str(competition), *model, "--runs-dir", str(runs), *SMALL, *options]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=300, env={**os.environ, "OPENAI_API_KEY": "none"}
        )
    return done, open_run(next(runs.glob("*/*"))), served


@pytest.mark.slow
def test_a_run_through_the_http_client_is_recorded_and_its_exchanges_replay_it(wine: Path, tmp_path: Path) -> None:
    brief = make_brief(load_competition(wine / "prepared" / "public"))
    done, run, served = solve(wine, Competent(brief), tmp_path / "first", "--tracks", "1", "--no-recipes")
    assert done.returncode == 0, done.stderr
    assert {node.candidate.operator for node in run.tree().nodes} >= {Operator.DRAFT, Operator.MERGE, Operator.ABLATE, Operator.REFINE}
    assert {"retriever", "init", "merger", "ablation", "ablation_summary", "target", "coder", "planner", "leakage"} <= set(served.agents)
    calls = list(run.entries(Asked))
    assert len(calls) == len(served.requests) == len(Exchanges(run.folder / "llm").all)
    assert sum(call.prompt_tokens + call.answer_tokens for call in calls) == served.tokens
    assert f"{served.tokens:,}" in done.stdout

    keep(run.folder, tmp_path / "kept")
    recorded = Recorded(read(tmp_path / "kept"))
    done, again, replayed = solve(wine, recorded, tmp_path / "second", "--tracks", "1", "--no-recipes")
    assert done.returncode == 0, done.stderr
    assert recorded.exact == len(replayed.requests) == len(served.requests)
    assert again.finished.score == pytest.approx(run.finished.score)


@pytest.mark.slow
def test_a_model_of_no_use_still_leaves_a_valid_submission_and_says_why_it_ended(wine: Path, tmp_path: Path) -> None:
    done, run, _ = solve(wine, lambda request: "I would rather not.", tmp_path, "--tracks", "2")
    assert done.returncode == 0, done.stderr
    assert "no useful answer" in run.finished.reason
    assert run.finished.grade is not None
    assert json.loads((run.folder / "llm" / "0001.json").read_text())["complaint"]
