import pytest

from journal import Action, Memory, Operator
from nodes.operators.memory import remembered
from tests.policies.trees import cross, debug, draft, grow, improve

TREE = grow(draft(0.5), draft(None), debug(2, 0.4), improve(1, 0.6), improve(4, 0.7), improve(4, None), improve(3, 0.3), cross(4, 3, 0.8))
"""1 and 2 are drafts, 3 repairs 2; 4 improves 1; 5 and 6 improve 4; 7 improves 3; 8 crosses 4 and 3."""


def seen(memory: Memory, operator: Operator = Operator.IMPROVE, parents: tuple[int, ...] = (4,)) -> list[float | None]:
    action = Action(operator=operator, parents=parents, memory=memory)
    return [attempt.score for attempt in remembered(TREE, action, 2)]


@pytest.mark.parametrize(
    ("memory", "scores"),
    [("none", []), ("siblings", [0.7, None]), ("ancestors", [0.5, 0.6, 0.7, None]), ("all", [0.5, 0.4, 0.6, 0.7, None, 0.3, 0.8])],
)
def test_an_improvement_sees_what_its_scope_holds(memory: Memory, scores: list[float | None]) -> None:
    assert seen(memory) == scores


def test_a_crossover_sees_crossovers_with_a_parent_in_common_and_where_both_parents_came_from() -> None:
    assert seen("siblings", Operator.CROSSOVER, (4, 5)) == [0.8]
    assert seen("ancestors", Operator.CROSSOVER, (5, 7)) == [0.5, 0.4, 0.6, 0.7, 0.3]


def test_an_attempt_tells_the_score_it_had_to_beat_and_a_draft_had_none() -> None:
    attempts = remembered(TREE, Action(operator=Operator.IMPROVE, parents=(4,), memory="ancestors"), 2)
    assert [attempt.base_score for attempt in attempts] == [None, 0.5, 0.6, 0.6]


@pytest.mark.parametrize(("memory", "most"), [("siblings", 30), ("ancestors", 50), ("all", 60)])
def test_memory_is_bounded_and_the_latest_stay(memory: Memory, most: int) -> None:
    chain = [draft(0.0), *(improve(number, float(number)) for number in range(1, 70)), *(improve(70, 100.0 + k) for k in range(40))]
    attempts = remembered(grow(*chain), Action(operator=Operator.IMPROVE, parents=(70,), memory=memory), 2)
    assert len(attempts) == most
    assert attempts[-1].score == 139.0
