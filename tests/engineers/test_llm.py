"""The engineer over chat models, through the real HTTP client, against an endpoint on loopback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from competitions import Brief
from engineers import EngineerError
from engineers.llm import Desk, Exchanges, HybridEngineer, Ledger, LlmEngineer, Machine, Refused, Terms, chats
from engineers.recipes import RecipesEngineer
from journal import Asked, ModelCard, Settings, Solution
from retrieval import compose, rank
from tests.engineers.competent import Competent
from tests.engineers.conformance import EngineerConformance, drafts
from tests.engineers.endpoint import Answerer, Endpoint, Failure, Request, Told, endpoint

MACHINE = Machine("CPU: 1 thread for a script. GPU: none.", ("numpy 2", "pandas 2"))


@contextmanager
def engineer_of(
    brief: Brief, answer: Answerer, folder: Path, record: Callable[[Asked], None] = lambda call: None, terms: Terms | None = None, **given
) -> Iterator[tuple[LlmEngineer, Endpoint]]:
    with endpoint(answer) as served:
        settings = Settings(model="openai:test", base_url=served.url, **given)
        ledger = Ledger(settings.max_cost, settings.max_tokens)
        desk = Desk(chats(settings), ledger, Exchanges(folder), record, settings.answer_seconds)
        yield LlmEngineer(desk, brief, terms or Terms(600.0, 2**33), MACHINE), served


@pytest.fixture
def engineer(brief: Brief, tmp_path: Path) -> Iterator[LlmEngineer]:
    with engineer_of(brief, Competent(brief), tmp_path) as (made, _):
        yield made


class TestLlmEngineer(EngineerConformance):
    pass


@pytest.mark.parametrize("brief", ["wine-recognition"], indirect=True)
class TestHybridEngineer(EngineerConformance):
    @pytest.fixture
    def engineer(self, engineer: LlmEngineer, brief: Brief) -> HybridEngineer:
        return HybridEngineer(engineer, RecipesEngineer(brief))


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Brief:
    from competitions import load_competition, make_brief, make_example

    folder = make_example("wine-recognition", tmp_path_factory.mktemp("wine"))
    return make_brief(load_competition(folder / "prepared" / "public"))


@pytest.fixture
def script(wine: Brief) -> Solution:
    return compose(rank(wine)[0], wine)


def in_turn(*replies) -> Answerer:
    """Gives the replies one after the other, then the last again."""
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


BROKEN = {
    "empty": ("", "It is empty"),
    "refused": ("I'm sorry, I can't help with that.", "no code"),
    "truncated": (Told("```python\n# %% a\nx = 1", "length"), "cut off"),
    "not python": ("plan: x\n```python\n# %% a\nx = (\n```", "not valid Python"),
    "no cells": ("plan: x\n```python\nopen('input/train.csv')\nopen('submission.csv', 'w')\n```", "cells"),
    "no submission": ("plan: x\n```python\n# %% a\nopen('input/a')\n# %% b\nx = 1\n# %% c\ny = 1\n```", "does not write"),
    "elsewhere": ("plan: x\n```python\n# %% a\nopen('/kaggle/input/a')\n# %% b\n'submission.csv'\n# %% c\ny = 1\n```", "/kaggle/"),
    "not installed": (
        "plan: x\n```python\n# %% a\nimport autogluon\nopen('input/a')\n# %% b\n'submission.csv'\n# %% c\ny = 1\n```",
        "autogluon",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer_is_sent_back_with_the_complaint_and_a_good_one_is_taken(name, wine, script, tmp_path):
    bad, complaint = BROKEN[name]
    good = f"title: t\nplan: p\n```python\n{script}\n```"
    with engineer_of(wine, in_turn(bad, good), tmp_path) as (engineer, served):
        proposal = await engineer.draft(CARD)
    assert proposal is not None
    assert Solution.parse(proposal.code) == script
    assert complaint in served.requests[1].question
    assert [request.ask for request in served.requests] == [1, 2]


async def test_after_three_useless_answers_the_proposal_is_none_and_after_several_such_questions_the_model_is_given_up(
    wine, script, tmp_path
):
    good = f"title: t\nplan: p\n```python\n{script}\n```"
    with engineer_of(wine, in_turn(good, "no"), tmp_path) as (engineer, served):
        assert await engineer.draft(CARD) is not None
        for place in range(3):
            assert await engineer.draft(CARD.model_copy(update={"name": f"another {place % 2}"})) is None
        assert len(served.requests) == 1 + 2 * 3, "equal requests are answered from the first one's files"
        with pytest.raises(EngineerError, match="no useful answer to 4 questions"):
            await engineer.debug(script, "crashed", ())
        with pytest.raises(EngineerError):
            await engineer.retrieve(2)


async def test_a_model_that_has_never_answered_usefully_is_given_up_sooner_and_prose_does_not_count(wine, script, tmp_path):
    with engineer_of(wine, lambda request: "I would rather not.", tmp_path) as (engineer, _):
        assert await engineer.draft(CARD) is None
        assert await engineer.plan(script, script.titles[0], ())
        with pytest.raises(EngineerError, match="no useful answer to 2 questions"):
            await engineer.debug(script, "crashed", ())


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_stops_at_once_with_a_remedy(status, wine, tmp_path):
    with engineer_of(wine, lambda request: Failure(status, "refused"), tmp_path) as (engineer, served), pytest.raises(Refused, match=" — "):
        await engineer.draft(CARD)
    assert len(served.requests) == 1


async def test_an_endpoint_that_hangs_is_a_question_without_an_answer(wine, tmp_path):
    with engineer_of(wine, lambda request: Failure(200, hang=3.0), tmp_path, answer_seconds=0.3) as (engineer, _):
        assert await engineer.draft(CARD) is None
    (exchange,) = Exchanges(tmp_path).all
    assert "timeout" in exchange.error
    assert exchange.estimated
    assert exchange.tokens["answer"] > 0, "what it may have cost counts"


@pytest.mark.parametrize(
    "wrapping",
    [
        "{}",
        "<think>```python\nx = 1\n```</think>{}",
        "Let me think: ```x```</think>\n{}",
        "Sure!\n\n{}\n\nI hope that helps.",
    ],
)
async def test_reasoning_and_prose_around_the_answer_do_no_harm(wrapping, wine, script, tmp_path):
    answer = wrapping.format(f"**Title:** mine\n**Plan:** do it.\n~~~python\n{script}\n~~~")
    with engineer_of(wine, lambda request: answer, tmp_path) as (engineer, served):
        proposal = await engineer.draft(CARD)
    assert (proposal.title, proposal.plan) == ("mine", "do it.")
    assert len(served.requests) == 1


async def test_every_call_is_a_file_and_a_record_and_a_second_engineer_answers_from_the_files(wine, script, tmp_path):
    calls: list[Asked] = []
    good = f"title: t\nplan: p\n```python\n{script}\n```"
    with engineer_of(wine, lambda request: good, tmp_path, calls.append) as (engineer, served):
        first = await engineer.draft(CARD)
    (exchange,) = Exchanges(tmp_path).all
    assert exchange.key == "agent init · track 0 · step 0 · attempt 0 · ask 1"
    assert (tmp_path / "0001.json").is_file()
    assert calls[0].prompt_tokens + calls[0].answer_tokens == served.tokens
    assert calls[0].cost is None, "an unknown price is unknown"
    with engineer_of(wine, lambda request: Failure(500), tmp_path, calls.append) as (engineer, served):
        assert await engineer.draft(CARD) == first
    assert not served.requests
    assert len(calls) == 1


async def test_no_cell_of_the_data_is_shown_where_samples_are_not_to_be(wine, tmp_path):
    seen: list[Request] = []

    def answer(request: Request) -> str:
        seen.append(request)
        return "no"

    with engineer_of(wine, answer, tmp_path, terms=Terms(600.0, 2**33, samples=False)) as (engineer, _):
        await engineer.draft(CARD)
    with engineer_of(wine, answer, tmp_path / "shown") as (engineer, _):
        await engineer.draft(CARD)
    hidden, shown = seen[0].system, seen[-1].system
    examples = [example for column in wine.columns for example in column.examples]
    assert any(f"`{example}`" in shown for example in examples)
    assert not any(f"`{example}`" in hidden for example in examples)
    assert all(column.name in hidden for column in wine.columns)


async def test_the_users_own_script_is_drafted_as_it_is_and_nobody_is_asked(wine, script, tmp_path):
    own = ModelCard(name="mine.py", family="own script", why="Mine.", code=str(script), source="mine.py")
    with engineer_of(wine, lambda request: "no", tmp_path) as (engineer, served):
        proposal = await engineer.draft(own)
    assert proposal.code == str(script)
    assert not served.requests


async def test_with_a_model_that_cannot_be_had_a_recipe_is_still_the_floor(wine, tmp_path):
    with engineer_of(wine, lambda request: "no", tmp_path, max_tokens=100) as (engineer, served):
        hybrid = HybridEngineer(engineer, RecipesEngineer(wine))
        floor, *_ = await hybrid.retrieve(4)
        assert floor.source.startswith("catalogue:")
        assert await hybrid.draft(floor) is not None
        with pytest.raises(EngineerError, match="--max-tokens"):
            await hybrid.merge(*[Solution.parse(f"# %% a{n}\nx = {n}\n") for n in (1, 2)])
    assert not served.requests


async def test_the_drafts_of_the_competent_model_are_the_cards(engineer):
    assert len({str(draft) for draft in await drafts(engineer)}) == 2


CARD = ModelCard(name="LightGBM", family="gradient boosting", why="It fits.", code="import lightgbm\n", source="own knowledge")
