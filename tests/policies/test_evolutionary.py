from collections import Counter
from math import exp
from random import Random

import pytest

from journal import Action, Operator, Tree
from policies import Budget, Evolutionary, EvolutionaryParameters
from policies.evolutionary import populate, softmax, temperature
from tests.policies.conformance import searched, settings
from tests.policies.trees import cross, debug, draft, grow, improve


def parameters(**values: float) -> EvolutionaryParameters:
    return EvolutionaryParameters.model_validate({"islands": 2, "individuals": 1, "generations": 9, "migration_interval": 100, **values})


def decide(tree: Tree, seed: int = 0, **values: float) -> Action:
    return Evolutionary(settings(), parameters(**values))(tree, Budget(), Random(seed))[0]


def islands(tree: Tree, **values: float) -> list[list[int]]:
    return [[node.number for node in island] for island in populate(tree, parameters(**values))]


def test_softmax_of_normalised_fitness_by_hand() -> None:
    """Fitness 0, 0.5 and 1; at temperature 0.5 the weights are 1, e and e²."""
    total = 1 + exp(1) + exp(2)
    assert softmax([10.0, 15.0, 20.0], 0.5) == pytest.approx([1 / total, exp(1) / total, exp(2) / total])


def test_equal_fitness_gives_equal_chances_and_tiny_temperatures_the_best() -> None:
    assert softmax([3.0, 3.0], 1.0) == [0.5, 0.5]
    assert softmax([1.0, 2.0, 3.0], 1e-6) == pytest.approx([0, 0, 1])


def test_parents_are_drawn_with_these_probabilities() -> None:
    tree = grow(draft(0.0), draft(1.0))
    values = {"islands": 1, "individuals": 2, "crossover_prob": 0, "first_temperature": 1.0, "last_temperature": 1.0}
    drawn = Counter(decide(tree, seed, **values).parents for seed in range(2000))
    assert drawn[2,] / 2000 == pytest.approx(exp(1) / (1 + exp(1)), abs=0.04)


def test_minimising_prefers_the_small_score() -> None:
    tree = grow(draft(0.0), draft(1.0), greater=False)
    values = {"islands": 1, "individuals": 2, "crossover_prob": 0, "first_temperature": 0.01, "last_temperature": 0.01}
    assert {decide(tree, seed, **values).parents for seed in range(20)} == {(1,)}


def test_the_temperature_falls_in_equal_steps() -> None:
    given = parameters(generations=4, first_temperature=1.0, last_temperature=0.1)
    assert [temperature(given, generation, 0, Budget()) for generation in range(4)] == pytest.approx([1.0, 0.7, 0.4, 0.1])


def test_a_small_budget_of_evaluations_cools_as_far() -> None:
    given = parameters(generations=100, first_temperature=1.0, last_temperature=0.0001)
    assert temperature(given, 1, 30, Budget(evaluations=10)) == pytest.approx(1 - 0.9999 * 0.75)


def test_children_come_to_the_islands_in_turn() -> None:
    assert islands(grow(draft(0.1), draft(0.2), draft(0.3), draft(0.4))) == [[1, 3], [2, 4]]


@pytest.mark.parametrize(("score", "members"), [(0.49, [1, 3]), (0.5, [1, 3]), (0.51, [1, 3, 5])])
def test_a_child_is_accepted_if_better_than_the_mean_of_its_island(score: float, members: list[int]) -> None:
    """0.2 and 0.8: the mean is one half, and not enough."""
    tree = grow(draft(0.2), draft(0.9), draft(0.8), draft(0.9), improve(3, score))
    assert islands(tree)[0] == members


def test_when_minimising_a_child_must_be_below_the_mean() -> None:
    tree = grow(draft(0.2), draft(0.9), draft(0.8), draft(0.9), improve(3, 0.4), improve(2, 0.95), greater=False)
    assert islands(tree) == [[1, 3, 5], [2, 4]]


def test_repairs_take_no_turn_and_what_they_repaired_belongs_to_its_island() -> None:
    tree = grow(draft(None), draft(0.3), debug(1, 0.6), draft(0.5))
    assert islands(tree) == [[3, 4], [2]]


def test_what_stays_broken_takes_its_turn_and_is_no_member() -> None:
    assert islands(grow(draft(None), draft(0.3), draft(0.5))) == [[3], [2]]


@pytest.mark.parametrize(("children", "expected"), [(3, [[1, 3], [2]]), (4, [[1, 3, 4], [2, 4, 3]])])
def test_the_best_of_each_island_joins_the_next_at_the_end_of_the_interval(children: int, expected: list[list[int]]) -> None:
    tree = grow(*[draft(0.1 * number) for number in range(1, children + 1)])
    assert islands(tree, migration_interval=2) == expected


def test_the_first_generation_is_drafted_then_bred() -> None:
    search = searched(Evolutionary(settings(), parameters(individuals=2)), [0.5, 0.6, 0.7], evaluations=8)
    assert [operator is Operator.DRAFT for operator in search.operators] == [True] * 4 + [False] * 4


def test_it_ends_after_its_last_generation() -> None:
    search = searched(Evolutionary(settings(), parameters(generations=3, individuals=2)), [0.5, 0.6, 0.7], evaluations=None)
    assert (len(search.tree.actions), search.reason) == (3 * 2 * 2, "search complete")


def test_two_parents_of_one_island_are_crossed() -> None:
    tree = grow(draft(0.1), draft(0.2), draft(0.3), draft(0.4))
    children = {decide(tree, seed, crossover_prob=1).parents for seed in range(20)}
    assert children == {(1, 3), (3, 1)}


def test_a_pair_is_crossed_once_in_either_order_then_one_parent_is_improved() -> None:
    tree = grow(draft(0.1), draft(0.2), draft(0.3), draft(0.4), cross(1, 3, 0.0), draft(0.2))
    assert {decide(tree, seed, crossover_prob=1).operator for seed in range(20)} == {Operator.IMPROVE}


def test_an_island_without_members_breeds_from_the_others() -> None:
    tree = grow(draft(None), draft(0.2), debug(1, None), debug(3, None))
    action = decide(tree, crossover_prob=0)
    assert (action.operator, action.parents) == (Operator.IMPROVE, (2,))
