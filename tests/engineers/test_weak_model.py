"""The benchmark of a weak model on three seeds: a valid submission each, no cap exceeded, the same answers for the same seed."""

from pathlib import Path

import pytest

from benchmarks.weak_model import WeakModel, measure
from competitions import load_competition, make_brief, make_example
from tests.engineers.endpoint import Request


@pytest.mark.slow
def test_a_weak_model_always_leaves_a_valid_submission_and_never_exceeds_a_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLESTAR_CACHE", "MLESTAR_SLOTS", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "restored afterwards")
    figures = measure(range(3), tmp_path)
    assert figures["runs"] == figures["valid_submissions"] == 3
    assert 0.0 < figures["highest_share_of_cost"] <= 1.0
    assert 0.5 < figures["highest_share_of_tokens"] <= 1.0, "at least one run came near its cap"


def test_the_weak_models_answers_depend_on_the_seed_and_the_place_only(tmp_path: Path) -> None:
    brief = make_brief(load_competition(make_example("wine-recognition", tmp_path)))
    body = {"messages": [{"role": "user", "content": "question"}], "max_completion_tokens": 100}
    requests = [Request("init", 1, 0, attempt, ask, "s", "q", body) for attempt in range(10) for ask in range(3)]

    def answers(seed: int, order: list[Request]) -> dict[Request, object]:
        model = WeakModel(brief, seed)
        return {request: model(request) for request in order}

    assert answers(1, requests) == answers(1, requests[::-1]) != answers(2, requests)
    assert len(set(map(str, answers(1, requests).values()))) > 10
