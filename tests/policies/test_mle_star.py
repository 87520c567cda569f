from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import Action, Operator, Settings, Status
from policies import Budget, MleStar
from tests.policies.search import Search

Answer = Callable[[Action, int], float | Status | None]


def settings(**values: int) -> Settings:
    return Settings(**{"models": 3, "outer_steps": 2, "inner_steps": 3, "debug_rounds": 2, **values})


def by_operator(**scores: float | Status | None) -> Answer:
    return lambda action, index: scores.get(action.operator.value, 0.0)


def in_turn(operator: Operator, answers: list[float | Status], otherwise: float = 0.0) -> Answer:
    left: Iterator[float | Status] = iter(answers)
    return lambda action, index: next(left, otherwise) if action.operator is operator else otherwise


@pytest.mark.parametrize("batch", [1, 2, 3, 9])
def test_all_drafts_come_first_a_batch_at_a_time(batch: int) -> None:
    search = Search(MleStar(settings(batch=batch)), by_operator()).run()
    assert [action.card for action in search.tree.actions[:3]] == [0, 1, 2]
    assert len(search.batches[0]) == min(batch, 3)


def test_after_their_share_of_the_time_no_more_is_drafted_if_something_is_valid() -> None:
    search = Search(MleStar(settings()), by_operator())
    search.run()
    (first, *_), node = search.tree.actions, search.tree.nodes[0]
    policy, late = MleStar(settings()), Budget(seconds=59.0, seconds_in_all=100.0)
    one_draft = replace(search.tree, actions=(first,), nodes=(node,), studies=())
    assert policy(one_draft, Budget(seconds=61.0, seconds_in_all=100.0), Random(0))[0].operator is Operator.DRAFT
    assert policy(one_draft, late, Random(0))[0].operator is Operator.ABLATE
    assert policy(replace(one_draft, actions=(), nodes=()), late, Random(0))[0].operator is Operator.DRAFT


def test_after_their_share_of_the_time_no_more_is_merged() -> None:
    tree = Search(MleStar(settings()), in_turn(Operator.DRAFT, [0.3, 0.9, 0.6], otherwise=1.0)).run().tree
    drafted = replace(tree, actions=tree.actions[:3], nodes=tree.nodes[:3], studies=())
    policy = MleStar(settings())
    assert policy(drafted, Budget(seconds=51.0, seconds_in_all=100.0), Random(0))[0].operator is Operator.MERGE
    assert policy(drafted, Budget(seconds=49.0, seconds_in_all=100.0), Random(0))[0].operator is Operator.ABLATE


def test_merging_goes_in_order_of_score_into_the_best() -> None:
    search = Search(MleStar(settings()), in_turn(Operator.DRAFT, [0.3, 0.9, 0.6], otherwise=1.0)).run()
    assert search.actions(Operator.MERGE)[0].parents == (1002, 1003)


def test_merging_stops_at_the_first_merge_that_is_not_better() -> None:
    scores = in_turn(Operator.DRAFT, [0.9, 0.8, 0.7], otherwise=0.9)
    assert len(Search(MleStar(settings()), scores).run().actions(Operator.MERGE)) == 1


def test_merging_goes_on_from_a_merge_that_is_better() -> None:
    def answer(action: Action, index: int) -> float:
        return {Operator.DRAFT: 0.1 * (action.card or 0), Operator.MERGE: 1.0 + 0.01 * sum(action.parents)}.get(action.operator, 0.0)

    merges = Search(MleStar(settings()), answer).run().actions(Operator.MERGE)
    assert [merge.parents for merge in merges] == [(1003, 1002), (1004, 1001)]


def test_every_outer_step_is_a_study_a_target_and_k_refinements() -> None:
    operators = Search(MleStar(settings(models=1)), by_operator()).run().operators
    step = [Operator.ABLATE, Operator.TARGET, *[Operator.REFINE] * 3]
    assert operators[4:] == step * 2


def test_the_last_refinement_of_the_inner_loop_is_the_base_of_the_next_study() -> None:
    """Off by one in the field: the last attempts are never eligible."""
    search = Search(MleStar(settings()), in_turn(Operator.REFINE, [0.1, 0.2, 0.9])).run()
    last = [node for node in search.tree.nodes if node.candidate.operator is Operator.REFINE][2]
    assert search.actions(Operator.ABLATE)[1].parents == (last.number,)


def test_the_very_last_refinement_can_win() -> None:
    search = Search(MleStar(settings()), in_turn(Operator.REFINE, [0.0] * 5 + [2.0])).run()
    best = search.tree.best(search.tree.nodes)
    assert best is not None and best.score == 2.0


def test_all_attempts_of_a_step_start_from_the_same_base() -> None:
    search = Search(MleStar(settings()), in_turn(Operator.REFINE, [0.5, 0.6, 0.7])).run()
    assert len({action.parents for action in search.actions(Operator.REFINE) if action.step == 1}) == 1


def test_a_broken_draft_is_repaired_at_most_d_times() -> None:
    search = Search(MleStar(settings(models=1)), by_operator(draft=Status.CRASHED, debug=Status.CRASHED)).run()
    debugs = search.actions(Operator.DEBUG)
    assert len(debugs) == 3 * 2
    assert search.reason == "no valid solution"


def test_each_repair_works_on_the_latest_failure() -> None:
    """In the field attempts 2…n see the first error."""
    search = Search(MleStar(settings()), in_turn(Operator.DRAFT, [0.5, 0.5, Status.CRASHED], otherwise=0.0)).run()
    broken = search.tree.nodes[2].number
    assert search.actions(Operator.DEBUG)[0].parents == (broken,)

    def never(action: Action, index: int) -> float | Status:
        return Status.CRASHED if action.operator in (Operator.DRAFT, Operator.DEBUG) else 0.0

    chained = Search(MleStar(settings()), never).run()
    first = chained.tree.nodes[0].number
    second = next(node.number for node in chained.tree.made_by(Operator.DEBUG) if node.candidate.parents == (first,))
    assert any(action.parents == (second,) for action in chained.actions(Operator.DEBUG))


def test_a_failure_scores_nothing_and_never_beats_a_negative_score() -> None:
    """In the field a failure scores 0 and beats a negative R²."""
    search = Search(MleStar(settings()), in_turn(Operator.DRAFT, [-5.0, Status.TIMED_OUT, Status.OUT_OF_MEMORY], otherwise=-9.0)).run()
    best = search.tree.best(search.tree.nodes)
    assert best is not None and best.score == -5.0


def test_a_provided_file_that_was_never_opened_fires_the_data_usage_check_once() -> None:
    search = Search(MleStar(settings()), by_operator(), unopened=("weather.csv",)).run()
    improvements = search.actions(Operator.IMPROVE)
    assert [action.files for action in improvements] == [("weather.csv",)]
    assert search.operators.index(Operator.IMPROVE) < search.operators.index(Operator.ABLATE)


def test_no_file_unopened_no_check() -> None:
    assert not Search(MleStar(settings()), by_operator()).run().actions(Operator.IMPROVE)


def test_a_planner_without_ideas_ends_the_inner_loop_not_the_search() -> None:
    def answer(action: Action, index: int) -> float | None:
        return None if action.operator is Operator.REFINE and action.attempt == 2 else 0.0

    search = Search(MleStar(settings()), answer).run()
    assert [action.attempt for action in search.actions(Operator.REFINE)] == [1, 2, 1, 2]


def test_a_study_without_a_target_ends_the_track() -> None:
    search = Search(MleStar(settings()), by_operator(), targets=lambda step: None).run()
    assert not search.actions(Operator.REFINE)
    assert search.reason == "nothing left to refine"


def test_a_measured_study_is_concluded_even_when_the_budget_is_spent() -> None:
    search = Search(MleStar(settings(models=1)), by_operator(), variants=4, evaluations=8).run()
    assert search.operators[-2:] == [Operator.ABLATE, Operator.TARGET]
    assert search.reason == "budget"


@given(evaluations=st.integers(1, 30), variants=st.integers(0, 6), failing=st.sets(st.integers(0, 40)))
def test_the_budget_is_never_exceeded_and_every_pattern_of_failures_ends(evaluations: int, variants: int, failing: set[int]) -> None:
    count = iter(range(10_000))

    def answer(action: Action, index: int) -> float | Status:
        number = next(count)
        return Status.CRASHED if number in failing else float(number % 7)

    search = Search(MleStar(settings()), answer, variants=variants, evaluations=evaluations).run()
    assert len(search.tree.nodes) <= evaluations


@given(scores=st.lists(st.integers(-50, 50), min_size=60, max_size=60, unique=True))
def test_minimising_mirrors_maximising(scores: list[int]) -> None:
    def searched(sign: int) -> Search:
        values = iter(scores)
        search = Search(MleStar(settings()), lambda action, index: float(sign * next(values)))
        search.tree = search.tree.__class__(greater_is_better=sign > 0, cards=search.tree.cards)
        return search.run()

    assert [a.parents for a in searched(1).tree.actions] == [a.parents for a in searched(-1).tree.actions]


@pytest.mark.parametrize("outer_steps", [0, 1, 4])
def test_there_are_as_many_studies_as_outer_steps(outer_steps: int) -> None:
    assert len(Search(MleStar(settings(outer_steps=outer_steps)), by_operator()).run().actions(Operator.ABLATE)) == outer_steps
