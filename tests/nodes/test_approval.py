"""A person is asked: the graph stops, and goes on from the answer."""

import pytest

from journal import Answered, ModelCard, Operator, Run
from tests.nodes.conftest import Bench
from tests.nodes.toy import script

SMALL = {"tracks": 2, "models": 2, "outer_steps": 2, "inner_steps": 2, "ensemble_rounds": 1}


async def answered_throughout(bench: Bench, run: Run) -> list[str]:
    """Everything as it is proposed; the ids of the questions, in order."""
    asked: list[str] = []
    for _ in range(40):
        await bench.solve(run)
        if not run.questions:
            return asked
        asked += [question.id for question in run.questions]
        for question in run.questions:
            run.append(Answered(question=question.id))
    raise AssertionError(f"no end: {asked}")


@pytest.mark.slow
@pytest.mark.parametrize("approve", ["targets", "plans"])
async def test_approving_everything_changes_nothing(bench: Bench, approve: str) -> None:
    alone = await bench.solve(bench.new(**SMALL))
    run = bench.new(**SMALL, approve=approve)
    asked = await answered_throughout(bench, run)
    assert run.tree().actions == alone.tree().actions
    assert [node.candidate for node in run.tree().nodes] == [node.candidate for node in alone.tree().nodes]
    assert run.finished is not None and alone.finished is not None and run.finished.score == alone.finished.score
    targets = [study.action for study in run.tree().studies if study.target]
    plans = [a.id for a in run.tree().actions if a.operator is Operator.REFINE and (a.attempt or 1) > 1]
    assert sorted(asked) == sorted(["cards", *targets, *(plans if approve == "plans" else [])])


async def test_the_run_stops_at_the_question_and_asks_once(bench: Bench) -> None:
    run = await bench.solve(bench.new(**SMALL, approve="targets"))
    await bench.solve(run)
    assert [question.id for question in run.questions] == ["cards"]
    assert run.finished is None and not run.tree().actions


async def test_a_person_chooses_the_block_and_the_plan(bench: Bench) -> None:
    run = bench.new(**SMALL | {"tracks": 1, "outer_steps": 1}, approve="targets")
    await bench.solve(run)
    run.append(Answered(question="cards"))
    await bench.solve(run)
    (question,) = run.questions
    other = next(block for block in question.blocks if block != question.block)
    run.append(Answered(question=question.id, block=other, plan="Weigh it with 0.3."))
    await bench.solve(run)
    (study,) = run.tree().studies
    assert (study.target, study.plan) == (other, "Weigh it with 0.3.")
    first = run.tree().made_by(Operator.REFINE)[0]
    assert (first.candidate.block, first.candidate.plan) == (other, "Weigh it with 0.3.")


async def test_a_persons_card_is_drafted_first(bench: Bench) -> None:
    run = bench.new(**SMALL | {"tracks": 1}, approve="targets")
    await bench.solve(run)
    card = ModelCard(name="mine", family="mine", why="because", code=script(a=1.0), source="me")
    run.append(Answered(question="cards", cards=(card,)))
    await bench.solve(run)
    assert run.tree().cards[0][0] == card
    assert run.tree().track(1).nodes[0].candidate.title == "mine"
