"""Broken exchanges, each through the real HTTP client in a small run: it ends in time, with a valid submission, and says what to do."""

import re
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.plain import solve
from competitions import Brief, load_competition, make_brief
from flows.engineer import answer_seconds
from journal import Asked, Run, Settings, open_run
from tests.engineers.competent import Competent
from tests.engineers.endpoint import Answerer, Endpoint, Failure, Reply, Request, Told, endpoint

STRONGER = "no useful answer to 2 questions.*choose a stronger model with --model"
NO_CONTRACT = "plan: x\n```python\n# %% a\nprint('score: 0.99')\n# %% b\nx = 1\n# %% c\ny = 1\n```"
CARD = "## card: LightGBM\nfamily: boosting\nwhy: it fits\nsource: own knowledge\n"
BROKEN: dict[str, tuple[Reply, str]] = {
    "empty": ("", STRONGER),
    "refused": ("I'm sorry, but I cannot help with that.", STRONGER),
    "truncated": (Told(f"{CARD}```python\nimport lightgbm\n```\n## card: Ri", "length"), STRONGER),
    "wrong JSON": ('```json\n{"block": "features", "plan": }\n```', STRONGER),
    "code that does not parse": (f"plan: x\n{CARD}```python\n# %% load\ndef f(:\n    return\n```", STRONGER),
    "code that ignores the contract": (NO_CONTRACT, STRONGER),
    "reasoning that never ends": ("<think>Let me see.\n" + "But wait. " * 2_000, STRONGER),
    "429 storm": (Failure(429, "slow down"), r"rate limited \(.*slow down.*wait, or take fewer tracks"),
    "server error": (Failure(500), "server .*wait for the provider, then `mlestar resume`"),
    "hang": (Failure(200, hang=30.0), "timeout .*allow more time for an answer"),
    "a byte now and then": (Failure(200, drip=True), "timeout .*allow more time for an answer"),
    "no chat completion": (Failure(200), "no useful answer"),
}
REFUSALS = {
    "wrong key": (Failure(401, "Incorrect API key"), "authentication .*check the key in OPENAI_API_KEY"),
    "forbidden": (Failure(403, "no access"), "authentication .*check the key in OPENAI_API_KEY"),
    "bad request": (Failure(400, "no such parameter"), "bad request .*check the model's name"),
    "unknown model": (Failure(404, "no such model"), "bad request .*check the model's name"),
    "no credit": (Failure(429, "You exceeded your current quota, please check your plan and billing details."), "quota .*add credit"),
}
SMALL = {"tracks": 1, "models": 1, "outer_steps": 1, "inner_steps": 1, "ensemble_rounds": 1, "folds": 2, "search": "none", "threads": 1}
IN_TIME = 60.0
"""Seconds, on a busy machine; without a bound the cases that hang would take ten minutes a question."""


@pytest.fixture(scope="module")
def brief(toy: Path) -> Brief:
    return make_brief(load_competition(toy))


async def run_with(answer: Answerer, toy: Path, runs: Path, **settings: object) -> tuple[Run, Endpoint, float]:
    """The finished run, what the endpoint was asked, and the seconds that it took."""
    with endpoint(answer) as served:
        given = {"model": "openai:test", "base_url": served.url, "answer_seconds": 20.0, "isolation": "none", **SMALL, **settings}
        begun = time.monotonic()
        run = await solve(toy, Settings.model_validate(given), runs, "1")
    return run, served, time.monotonic() - begun


def check_submission(run: Run, toy: Path) -> None:
    submission = pd.read_csv(run.folder / "final" / "submission.csv")
    assert list(submission["id"]) == list(pd.read_csv(toy / "test.csv")["id"])
    assert submission["y"].notna().all()


@pytest.mark.parametrize("name", BROKEN)
async def test_a_model_that_only_breaks_leaves_the_first_recipes_submission_and_a_reason(name: str, toy: Path, tmp_path: Path) -> None:
    reply, reason = BROKEN[name]
    seconds = {"answer_seconds": 0.5} if isinstance(reply, Failure) and (reply.hang or reply.drip) else {}
    run, served, taken = await run_with(lambda request: reply, toy, tmp_path, **seconds)
    assert run.finished is not None and run.finished.chosen is not None
    assert taken < IN_TIME
    check_submission(run, toy)
    assert re.search(reason, run.finished.reason)
    calls = list(run.entries(Asked))
    assert calls and not any(call.useful for call in calls)
    assert len(served.requests) <= 30


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_ends_the_run_at_once_with_the_remedy(name: str, toy: Path, tmp_path: Path) -> None:
    reply, reason = REFUSALS[name]
    run, served, taken = await run_with(lambda request: reply, toy, tmp_path)
    assert run.finished is not None and run.finished.chosen is None
    assert re.search(reason, run.finished.reason)
    assert taken < IN_TIME
    assert not (run.folder / "final" / "submission.csv").exists()
    assert {request.ask for request in served.requests} == {1}
    (call,) = run.entries(Asked)
    assert (call.useful, call.prompt_tokens, call.answer_tokens) == (False, 0, 0)


@pytest.mark.slow
async def test_a_key_that_is_refused_in_the_middle_leaves_the_best_so_far(toy: Path, brief: Brief, tmp_path: Path) -> None:
    good, count = Competent(brief), 0

    def answer(request: Request) -> Reply:
        nonlocal count
        count += 1
        return good(request) if count <= 3 else REFUSALS["wrong key"][0]

    run, served, _ = await run_with(answer, toy, tmp_path)
    assert run.finished is not None and "check the key in OPENAI_API_KEY" in run.finished.reason
    check_submission(run, toy)
    assert len({(request.agent, request.ask, request.attempt) for request in served.requests}) == 4


@pytest.mark.slow
async def test_one_broken_answer_in_two_ends_no_search(toy: Path, brief: Brief, tmp_path: Path) -> None:
    good, broken, count = Competent(brief), [reply for reply, _ in BROKEN.values()], 0

    def answer(request: Request) -> Reply:
        nonlocal count
        count += 1
        return good(request) if count % 2 else broken[count // 2 % len(broken)]

    run, served, _ = await run_with(answer, toy, tmp_path, answer_seconds=3.0, models=2, inner_steps=2)
    assert run.finished is not None and "no useful answer" not in run.finished.reason
    check_submission(run, toy)
    complaints = {call.useful for call in run.entries(Asked)}
    assert complaints == {True, False}
    assert {"retriever", "init", "ablation", "coder"} <= set(served.agents)


@pytest.mark.parametrize("hang", [Failure(200, hang=60.0), Failure(200, drip=True)], ids=["hang", "drip"])
async def test_a_request_to_finish_does_not_wait_for_an_answer(hang: Failure, toy: Path, brief: Brief, tmp_path: Path) -> None:
    good, asked = Competent(brief), threading.Event()

    def answer(request: Request) -> Reply:
        if request.agent != "ablation":
            return good(request)
        asked.set()
        return hang

    def finish() -> None:
        asked.wait(IN_TIME)
        open_run(tmp_path / "toy" / "1").request_finish()

    threading.Thread(target=finish, daemon=True).start()
    run, _, taken = await run_with(answer, toy, tmp_path, answer_seconds=600.0)
    assert run.finished is not None and run.finished.reason == "finish requested" and taken < IN_TIME
    check_submission(run, toy)
    (stopped,) = [call for call in run.entries(Asked) if not call.useful]
    assert stopped.estimated and stopped.answer_tokens == 16_000, "what it may have cost is counted"


def test_an_answer_may_take_a_small_share_of_the_runs_time() -> None:
    assert answer_seconds(Settings(answer_seconds=600.0)) == 600.0
    assert answer_seconds(Settings(answer_seconds=600.0, seconds=300.0)) == 30.0
    assert answer_seconds(Settings(answer_seconds=5.0, seconds=300.0)) == 5.0
