from collections import Counter
from random import Random

import pytest

from journal import Action, Operator, Tree
from policies import AIRA, Budget, Greedy, GreedyParameters
from tests.policies.conformance import named, settings
from tests.policies.trees import debug, draft, grow, improve


def first(tree: Tree, seed: int = 0, batch: int = 1, **parameters: float) -> tuple[Action, ...]:
    policy = Greedy(settings(batch=batch), GreedyParameters.model_validate({"num_drafts": 2, **parameters}))
    return policy(tree, Budget(), Random(seed))


@pytest.mark.parametrize(("drafts", "operator"), [(1, Operator.DRAFT), (2, Operator.DRAFT), (3, Operator.IMPROVE)])
def test_there_are_exactly_as_many_drafts_as_asked_for(drafts: int, operator: Operator) -> None:
    (action,) = first(grow(*[draft(0.5)] * drafts), num_drafts=3)
    assert action.operator is operator


def test_failed_drafts_count() -> None:
    (action,) = first(grow(draft(0.5), draft(None)), debug_prob=0)
    assert (action.operator, action.parents) == (Operator.IMPROVE, (1,))


@pytest.mark.parametrize(("greater", "best"), [(True, 3), (False, 1)])
def test_the_best_is_improved(greater: bool, best: int) -> None:
    (action,) = first(grow(draft(0.1), draft(0.2), improve(1, 0.9), greater=greater))
    assert (action.operator, action.parents, action.attempt) == (Operator.IMPROVE, (best,), 1 if best == 3 else 2)


def test_of_equal_ones_the_first_is_improved() -> None:
    (action,) = first(grow(draft(0.5), draft(0.5)))
    assert action.parents == (1,)


@pytest.mark.parametrize(("repairs", "operator"), [(0, Operator.DEBUG), (1, Operator.DEBUG), (2, Operator.DEBUG), (3, Operator.IMPROVE)])
def test_a_chain_has_at_most_as_many_repairs_as_the_depth(repairs: int, operator: Operator) -> None:
    chain = [debug(2 + depth, None) for depth in range(repairs)]
    (action,) = first(grow(draft(0.5), draft(None), *chain), debug_prob=1, max_debug_depth=3)
    assert action.operator is operator
    if operator is Operator.DEBUG:
        assert (action.parents, action.attempt) == ((2 + repairs,), repairs + 1)


def test_only_leaves_are_repaired() -> None:
    (action,) = first(grow(draft(0.5), draft(None), debug(2, None)), debug_prob=1)
    assert action.parents == (3,)


def test_what_breaks_after_a_repair_begins_a_new_chain() -> None:
    (action,) = first(grow(draft(None), draft(None), debug(1, 0.5), debug(2, 0.4), improve(3, None)), debug_prob=1, max_debug_depth=1)
    assert (action.parents, action.attempt) == ((5,), 1)


@pytest.mark.parametrize(("probability", "low", "high"), [(0.0, 0, 0), (0.5, 430, 570), (1.0, 1000, 1000)])
def test_repairs_come_with_the_given_probability(probability: float, low: int, high: int) -> None:
    tree = grow(draft(0.5), draft(None))
    repairs = sum(first(tree, seed, debug_prob=probability)[0].operator is Operator.DEBUG for seed in range(1000))
    assert low <= repairs <= high


def test_broken_leaves_are_chosen_evenly() -> None:
    tree = grow(draft(0.5), draft(0.4), improve(1, None), improve(1, None))
    chosen = Counter(first(tree, seed, debug_prob=1)[0].parents for seed in range(1000))
    assert set(chosen) == {(3,), (4,)} and min(chosen.values()) > 430


def test_with_nothing_valid_and_no_repair_left_it_drafts_again() -> None:
    (action,) = first(grow(draft(None), draft(None)), debug_prob=0)
    assert (action.operator, action.card) == (Operator.DRAFT, 2)


def test_aira_repairs_first_and_up_to_depth_twenty() -> None:
    assert (AIRA.debug_prob, AIRA.max_debug_depth, AIRA.num_drafts) == (1.0, 20, 5)
    chain = [draft(0.5)] * 4 + [draft(None)] + [debug(5 + depth, None) for depth in range(20)]
    policy = named("greedy-aira")
    assert policy(grow(*chain[:-1]), Budget(), Random(0))[0].operator is Operator.DEBUG
    assert policy(grow(*chain), Budget(), Random(0))[0].operator is Operator.IMPROVE


def test_a_batch_is_several_attempts_on_the_best() -> None:
    actions = first(grow(draft(0.1), draft(0.9)), batch=3)
    assert [(action.operator, action.parents, action.attempt) for action in actions] == [(Operator.IMPROVE, (2,), k) for k in (1, 2, 3)]


def test_a_batch_begins_with_the_drafts_that_are_missing() -> None:
    actions = first(grow(draft(0.1)), batch=3)
    assert [action.operator for action in actions] == [Operator.DRAFT, Operator.IMPROVE, Operator.IMPROVE]
