"""Caps with questions under way at once, and over resumptions: what is spent and what is reserved never exceed them together."""

import asyncio
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from benchmarks.plain import carry_out, solve
from competitions import Brief, load_competition, make_brief
from engineers import EngineerError
from engineers.llm import CapReached, Desk, Exchanges, Ledger, LlmEngineer, Machine, Terms, chats
from engineers.llm.prices import price_of
from flows.workshop import old_run
from journal import Asked, ModelCard, Settings, open_run
from tests.engineers.competent import Competent
from tests.engineers.endpoint import Failure, Reply, Request, Told, endpoint

MODEL = "openai:gpt-4o-mini"
SMALL = {"tracks": 1, "models": 1, "outer_steps": 1, "inner_steps": 1, "ensemble_rounds": 0, "folds": 2, "search": "none"}


@pytest.fixture(scope="module")
def brief(toy: Path) -> Brief:
    return make_brief(load_competition(toy))


@pytest.mark.parametrize("seed", range(5))
async def test_reserved_and_spent_never_exceed_a_cap_whatever_the_order(seed: int) -> None:
    rng, price = Random(seed), price_of(MODEL)
    assert price is not None
    ledger, refused = Ledger(max_cost=0.01, max_tokens=30_000), 0

    async def call() -> None:
        nonlocal refused
        prompt, answer = rng.randrange(1, 4_000), rng.randrange(1, 4_000)
        await asyncio.sleep(rng.random() * 0.01)
        try:
            reservation = await ledger.reserve(price, prompt, answer)
        except CapReached:
            refused += 1
            return
        under_way.append((reservation.tokens, reservation.cost or 0.0))
        assert ledger.tokens + sum(tokens for tokens, _ in under_way) <= 30_000
        assert ledger.cost + sum(cost for _, cost in under_way) <= 0.01
        await asyncio.sleep(rng.random() * 0.01)
        took = rng.randrange(prompt + 1), rng.randrange(answer + 1)
        under_way.remove((reservation.tokens, reservation.cost or 0.0))
        cost = price.cost(*took)
        await ledger.settle(reservation, Asked(number=1, agent="a", prompt_tokens=took[0], answer_tokens=took[1], cost=cost))

    under_way: list[tuple[int, float]] = []
    await asyncio.gather(*(call() for _ in range(60)))
    assert refused and 10_000 < ledger.tokens <= 30_000


class Counting:
    """A model of few words that keeps count of what the questions under way may come to; slow, so that they overlap."""

    def __init__(self, seed: int) -> None:
        self.rng, self.price = Random(seed), price_of(MODEL)
        self.calls: list[tuple[float, tuple[int, int], tuple[int, int]]] = []
        self.highest = (0.0, 0)
        self.at_once = 0

    def __call__(self, request: Request) -> Reply:
        bound = sum(len(str(each["content"]).encode()) for each in request.body["messages"]), request.body["max_completion_tokens"]
        usage = self.rng.choice(((bound[0] // 4, bound[1] // 3), bound))
        self.calls.append((monotonic() + 0.2, bound, usage))
        counts = [usage if end < monotonic() else bound for end, bound, usage in self.calls]
        self.at_once = max(self.at_once, sum(end >= monotonic() for end, _, _ in self.calls))
        assert self.price is not None
        self.highest = max(self.highest[0], sum(self.price.cost(*each) for each in counts)), max(self.highest[1], sum(map(sum, counts)))
        return Told("title: t\nplan: p\n```python\nx = 1\n```", usage=usage, wait=0.2)


@pytest.mark.parametrize("caps", [{"max_cost": 0.01}, {"max_tokens": 60_000}], ids=["cost", "tokens"])
async def test_the_provider_never_works_for_more_than_the_caps_with_many_questions_at_once(
    caps: dict[str, float], brief: Brief, tmp_path: Path
) -> None:
    model = Counting(1)
    with endpoint(model) as served:
        settings = Settings(model=MODEL, base_url=served.url, answer_tokens=2_000, **caps)  # type: ignore[arg-type]
        made = chats(settings)
        assert made is not None
        ledger = Ledger(settings.max_cost, settings.max_tokens)
        desk = Desk(made, ledger, Exchanges(tmp_path), lambda call: None, 20.0)
        engineer = LlmEngineer(desk, brief, Terms(600.0, 2**33), Machine("CPU", ()))
        cards = [ModelCard(name=f"card {number}", family="f", why="w", code=f"x = {number}", source="s") for number in range(12)]
        ended = await asyncio.gather(*(engineer.draft(card) for card in cards), return_exceptions=True)
    assert any(isinstance(each, EngineerError) for each in ended)
    assert model.at_once > 1, "questions were under way at once"
    assert model.highest[0] <= (settings.max_cost or 1e9)
    assert model.highest[1] <= (settings.max_tokens or 10**12)
    assert max(ledger.cost / (settings.max_cost or 1e9), ledger.tokens / (settings.max_tokens or 10**12)) > 0.3


@pytest.mark.slow
async def test_a_run_taken_up_pays_no_question_twice_and_goes_on_with_the_same_totals(toy: Path, brief: Brief, tmp_path: Path) -> None:
    good, folder = Competent(brief), tmp_path / "toy" / "1"
    stop_at = "target"

    def answer(request: Request) -> Reply:
        if request.agent == stop_at:
            open_run(folder).request_finish()
            return Failure(200, hang=5.0)
        return good(request)

    with endpoint(answer) as served:
        given = {"model": MODEL, "base_url": served.url, "isolation": "none", "answer_seconds": 60.0, "max_cost": 1.0, **SMALL}
        first = await solve(toy, Settings.model_validate(given), tmp_path, "1")
        before = list(first.entries(Asked))
        stop_at = ""
        again = await carry_out(old_run(folder))
    assert again.finished is not None and again.finished.reason == "search complete"
    after = list(again.entries(Asked))
    assert after[: len(before)] == before
    (stopped,) = [call for call in before if call.estimated]
    assert stopped.agent == "target" and stopped.cost is not None and stopped.cost > 0
    asked = [(request.agent, request.question) for request in served.requests if request.agent != "target"]
    assert len(asked) == len(set(asked)), "what was answered is not asked again"
    assert [call.agent for call in after].count("target") == 2, "what was stopped is"
    counted = sum(call.prompt_tokens + call.answer_tokens for call in after if not call.estimated)
    assert counted == served.tokens


async def test_a_question_under_way_when_the_process_died_is_counted_with_its_bound(toy: Path, brief: Brief, tmp_path: Path) -> None:
    with endpoint(Competent(brief)) as served:
        given = {"model": MODEL, "base_url": served.url, "isolation": "none", "max_cost": 1.0, **SMALL, "outer_steps": 0}
        run = await solve(toy, Settings.model_validate(given), tmp_path, "1")
        exchanges = Exchanges(run.folder / "llm")
        (answered, *_) = exchanges.all
        lost = {"number": 99, "answer": "", "error": "stopped", "estimated": True, "tokens": {"prompt": 70, "answer": 7}, "cost": 0.5}
        exchanges.write(answered.model_copy(update=lost))
        again = old_run(run.folder)
    again.run.close()
    (call,) = [call for call in again.run.entries(Asked) if call.number == 99]
    assert (call.estimated, call.useful, call.prompt_tokens, call.answer_tokens, call.cost) == (True, False, 70, 7, 0.5)
    desk = again.context.keywords["engineer"].model.desk  # type: ignore[attr-defined]
    assert desk.ledger.cost == pytest.approx(sum(call.cost or 0.0 for call in again.run.entries(Asked)))
