from math import log, sqrt
from random import Random

import pytest

from journal import Action, Operator, Tree
from policies import Budget, Mcts, MctsParameters
from policies.mcts import grown, spread, uct
from tests.policies.conformance import settings
from tests.policies.search import Search
from tests.policies.trees import Line, debug, draft, grow, improve


def decide(tree: Tree, batch: int = 1, **parameters: float) -> tuple[Action, ...]:
    policy = Mcts(settings(batch=batch), MctsParameters.model_validate({"num_children": 2, **parameters}))
    return policy(tree, Budget(), Random(0))


TWO_LEVELS: tuple[Line, ...] = (draft(0.8), draft(0.4), improve(1, 0.6), improve(1, 0.1))


def test_scores_are_handed_up_to_all_ancestors() -> None:
    root, *branches = grown(grow(*TWO_LEVELS, improve(3, 0.9)))
    by_number = {branch.node.number: branch for branch in branches if branch.node}
    assert {number: branch.visits for number, branch in by_number.items()} == {1: 4, 2: 1, 3: 2, 4: 1, 5: 1}
    assert by_number[1].mean == pytest.approx((0.8 + 0.6 + 0.1 + 0.9) / 4)
    assert by_number[3].mean == pytest.approx((0.6 + 0.9) / 2)
    assert (root.visits, root.mean) == (5, pytest.approx(2.8 / 5))


def test_uct_of_a_tree_by_hand() -> None:
    """Q: first draft (0.8 + 0.6 + 0.1) / 3 = 0.5, second 0.4, children 0.6 and 0.1: normalised 0.8, 0.6, 1 and 0."""
    root, one, two, *_ = branches = grown(grow(*TWO_LEVELS))
    low, high = spread(branches[1:])
    assert (low, high) == pytest.approx((0.1, 0.6))
    assert uct(one, root.visits, low, high, 0.25) == pytest.approx(0.8 + 0.25 * sqrt(log(4) / 3))
    assert uct(two, root.visits, low, high, 0.25) == pytest.approx(0.6 + 0.25 * sqrt(log(4) / 1))
    assert uct(one.children[0], one.visits, low, high, 0.25) == pytest.approx(1.0 + 0.25 * sqrt(log(3)))
    assert uct(one.children[1], one.visits, low, high, 0.25) == pytest.approx(0.0 + 0.25 * sqrt(log(3)))


def test_minimising_normalises_in_the_metrics_direction() -> None:
    root, *branches = grown(grow(draft(0.8), draft(0.4), greater=False))
    low, high = spread(branches)
    assert [uct(branch, root.visits, low, high, 0.0) for branch in branches] == [0.0, 1.0]


def test_a_flat_tree_is_one_half_everywhere() -> None:
    _, *branches = grown(grow(draft(0.3), draft(0.3)))
    assert [uct(branch, 2, *spread(branches), 0.25) for branch in branches] == [pytest.approx(0.5 + 0.25 * sqrt(log(2)))] * 2


def test_without_exploration_the_descent_follows_the_best_mean() -> None:
    """0.8 against 0.6 at the root, then 1 against 0."""
    (action,) = decide(grow(*TWO_LEVELS), exploration=0)
    assert (action.operator, action.parents, action.attempt) == (Operator.IMPROVE, (3,), 1)


@pytest.mark.parametrize(("exploration", "parent"), [(0.25, 3), (0.4, 3), (0.42, 2), (2.0, 2)])
def test_exploration_weighs_against_the_mean(exploration: float, parent: int) -> None:
    """The branches are level at c = 0.2 / (sqrt(ln 4) - sqrt(ln 4 / 3)) = 0.4018…; beyond it the second draft is tried."""
    assert 0.2 / (sqrt(log(4)) - sqrt(log(4) / 3)) == pytest.approx(0.4019, abs=1e-3)
    (action,) = decide(grow(*TWO_LEVELS), exploration=exploration)
    assert action.parents == (parent,)


@pytest.mark.parametrize(("drafts", "operator"), [(4, Operator.DRAFT), (5, Operator.IMPROVE)])
def test_the_root_has_five_drafts(drafts: int, operator: Operator) -> None:
    (action,) = Mcts(settings())(grow(*[draft(0.5)] * drafts), Budget(), Random(0))
    assert action.operator is operator


def test_an_expansion_that_was_begun_is_finished_first() -> None:
    search = Search(Mcts(settings()), lambda action, index: 0.1 * len(action.parents), evaluations=17).run()
    parents = [action.parents for action in search.actions(Operator.IMPROVE)]
    assert [len(set(parents[at : at + 5])) for at in (0, 5)] == [1, 1]
    assert len(set(parents)) == 3


def test_a_batch_beyond_one_expansion_takes_the_next_leaf() -> None:
    actions = decide(grow(draft(0.9), draft(0.1)), batch=4)
    assert [(action.parents, action.attempt) for action in actions] == [((1,), 1), ((1,), 2), ((2,), 1), ((2,), 2)]


def test_what_breaks_is_repaired_at_once() -> None:
    (action,) = decide(grow(draft(0.9), draft(0.1), improve(1, None)))
    assert (action.operator, action.parents) == (Operator.DEBUG, (3,))


def test_only_a_repaired_score_is_handed_up() -> None:
    root, one, *_ = grown(grow(draft(0.9), draft(0.1), improve(1, None), debug(3, None), debug(4, 0.5), improve(1, None)))
    assert (root.visits, one.visits, one.mean) == (3, 2, pytest.approx(0.7))
    assert [child.node.number for child in one.children if child.node] == [5]


def test_a_repaired_candidate_is_the_leaf_that_is_expanded() -> None:
    (action,) = decide(grow(draft(None), debug(1, 0.9), draft(0.1)))
    assert action.parents == (2,)


def test_a_branch_in_which_all_is_broken_is_passed_by() -> None:
    tree = grow(draft(0.9), draft(0.1), improve(1, None), debug(3, None), debug(4, None), improve(1, None), debug(6, None), debug(7, None))
    (action,) = decide(tree, exploration=0)
    assert action.parents == (2,)
