from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from journal import Action, Operator, Status, Tree
from policies import Batch, Budget, Parameters, Policy, fill, policy_names
from tests.policies import conformance
from tests.policies.conformance import named, searched, whats
from tests.policies.search import CARD, Search

OUTCOMES = st.lists(
    st.one_of(st.integers(-5, 5).map(float), st.sampled_from([Status.CRASHED, Status.TIMED_OUT, None])), min_size=1, max_size=25
)
DISTINCT = st.lists(st.integers(-500, 500).map(float), min_size=45, max_size=45, unique=True)

every_policy = pytest.mark.parametrize("name", policy_names())


@every_policy
@hypothesis(max_examples=25, deadline=None)
@given(
    outcomes=OUTCOMES, evaluations=st.integers(1, 40), batch=st.sampled_from([1, 2, 4, 16]), seed=st.integers(0, 9), repeating=st.booleans()
)
def test_every_policy_conforms(
    name: str, outcomes: list[float | Status | None], evaluations: int, batch: int, seed: int, repeating: bool
) -> None:
    policy = named(name, batch=batch)
    search = searched(policy, outcomes, evaluations=evaluations, seed=seed, repeating=repeating)
    conformance.no_expansion_is_proposed_twice(search)
    conformance.the_budget_is_never_exceeded(search, evaluations)
    conformance.parents_are_as_the_operators_need_them(search)
    if not name.startswith("mle-star"):
        conformance.batches_are_never_larger_than_asked(search, batch)
        conformance.what_came_to_nothing_is_not_proposed_again(search)


@every_policy
@pytest.mark.parametrize("batch", [1, 4])
@hypothesis(max_examples=10, deadline=None)
@given(scores=DISTINCT, seed=st.integers(0, 9))
def test_minimising_mirrors_maximising(name: str, batch: int, scores: list[float], seed: int) -> None:
    policy = named(name, batch=batch)
    up = searched(policy, list(scores), seed=seed, greater=True)
    down = searched(policy, [-score for score in scores], seed=seed, greater=False)
    assert whats(up) == whats(down)


@every_policy
def test_equal_seeds_give_equal_actions(name: str) -> None:
    outcomes = [0.1, Status.CRASHED, 0.7, 0.3, 0.2, Status.TIMED_OUT, 0.9]
    first, second = (searched(named(name, batch=3), outcomes, seed=4) for _ in range(2))
    assert first.batches == second.batches


@pytest.mark.parametrize("name", ["random", "evolutionary", "greedy"])
def test_other_seeds_give_other_actions(name: str) -> None:
    outcomes = [0.1, Status.CRASHED, 0.7, 0.3, 0.2, Status.TIMED_OUT, 0.9]
    searches = [searched(named(name), outcomes, seed=seed) for seed in range(5)]
    assert len({str(whats(search)) for search in searches}) > 1


@every_policy
@pytest.mark.parametrize("outcome", [0.5, Status.CRASHED, None])
def test_without_a_budget_every_policy_ends(name: str, outcome: float | Status | None) -> None:
    search = searched(named(name, batch=16), [outcome], evaluations=None)
    assert search.reason == ("search complete" if outcome == 0.5 else "no valid solution")
    assert len(search.tree.actions) <= 500


@every_policy
@hypothesis(max_examples=10, deadline=None)
@given(outcomes=OUTCOMES, batch=st.sampled_from([1, 4]), repeating=st.booleans())
def test_every_pattern_of_failures_ends_without_a_budget(
    name: str, outcomes: list[float | Status | None], batch: int, repeating: bool
) -> None:
    options = "" if name.startswith("mle-star") else ":max_actions=60"
    search = searched(named(name + options, batch=batch), outcomes, evaluations=None, repeating=repeating)
    assert search.batches[-1][0].operator is Operator.STOP
    conformance.no_expansion_is_proposed_twice(search)


@every_policy
def test_a_spent_budget_and_a_track_without_cards_stop_at_once(name: str) -> None:
    policy = named(name)
    for budget, cards in ((Budget(0), ((CARD,),)), (Budget(seconds=0.0), ((CARD,),)), (Budget(), ()), (Budget(), ((),))):
        (action,) = policy(Tree(True, cards=cards), budget, Random(0))
        assert action.operator is Operator.STOP


@pytest.mark.parametrize("name", ["greedy", "flat", "mcts", "evolutionary"])
def test_cards_are_used_again_in_turn_while_drafts_differ(name: str) -> None:
    search = searched(named(name), [0.5], evaluations=5)
    assert [(action.card, action.attempt) for action in search.actions(Operator.DRAFT)] == [(0, None), (1, None), (2, None), (0, 2), (1, 2)]


@pytest.mark.parametrize("name", ["greedy", "flat", "mcts", "evolutionary"])
def test_an_engineer_that_repeats_a_draft_is_asked_for_no_other_second_one(name: str) -> None:
    search = searched(named(name), [0.5], evaluations=9, repeating=True)
    assert [action.card for action in search.actions(Operator.DRAFT)] == [0, 1, 2, 0]
    assert len(search.tree.nodes) == 9


@pytest.mark.parametrize("name", ["greedy", "flat", "mcts", "evolutionary", "random"])
def test_a_whole_solution_from_the_catalogue_is_drafted_once(name: str) -> None:
    search = Search(named(name), lambda action, index: 0.5, evaluations=12)
    search.tree = replace(search.tree, cards=((CARD.model_copy(update={"source": "catalogue:m"}),) * 2,))
    assert sorted(action.card or 0 for action in search.run().actions(Operator.DRAFT)) == [0, 1]


def test_a_policy_of_ones_own_needs_a_few_lines_and_no_change_elsewhere() -> None:
    class Worst:
        """Improves the worst: of no use, but a search."""

        def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:
            def take(batch: Batch) -> bool:
                return (not tree.nodes and batch.draft()) or any(batch.improve(node) for node in reversed(batch.ranked))

            return fill(tree, budget, 1, Parameters(max_actions=4), take)

    policy: Policy = Worst()
    search = searched(policy, [0.5, 0.3, 0.7, 0.6], evaluations=None)
    assert [action.parents for action in search.tree.actions] == [(), (1001,), (1002,), (1002,)]
    conformance.no_expansion_is_proposed_twice(search)
