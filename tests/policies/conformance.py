"""What every policy keeps, whatever it searches for. Run over all of them in test_policies.py."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from journal import Action, Operator, Settings, Status
from policies import Policy, make_policy
from policies.batch import expansion
from tests.policies.search import Search

Answer = Callable[[Action, int], float | Status | None]
Outcome = float | Status | None


def searched(
    policy: Policy, outcomes: list[Outcome], *, evaluations: int | None = 40, seed: int = 0, greater: bool = True, repeating: bool = False
) -> Search:
    """A whole search whose candidates turn out as the outcomes say, over and over."""
    number = count()
    search = Search(policy, lambda action, index: outcomes[next(number) % len(outcomes)], evaluations=evaluations, seed=seed)
    search.tree = replace(search.tree, greater_is_better=greater)
    if repeating:
        search.script = lambda action, number: f"{action.operator} {action.card} {action.parents}"
    return search.run()


def whats(search: Search) -> list[tuple[object, ...]]:
    """The actions, as far as they can be compared between searches."""
    return [(action.operator, action.parents, action.card, action.step, action.attempt) for action in search.tree.actions]


def no_expansion_is_proposed_twice(search: Search) -> None:
    for batch in search.batches:
        exact = [(expansion(action), action.step, action.attempt) for action in batch]
        assert len(set(exact)) == len(exact)
    whole = whats(search)
    assert len(set(whole)) == len(whole)


def the_budget_is_never_exceeded(search: Search, evaluations: int) -> None:
    assert len(search.tree.nodes) <= evaluations


def batches_are_never_larger_than_asked(search: Search, size: int) -> None:
    assert max(len(batch) for batch in search.batches) <= size


def what_came_to_nothing_is_not_proposed_again(search: Search) -> None:
    """Neither in a later batch nor as another attempt."""
    fruitful = {node.candidate.action for node in search.tree.nodes}
    stamped = iter(search.tree.actions)
    dry: set[object] = set()
    for batch in search.batches:
        assert not dry & {expansion(action) for action in batch if action.operator is not Operator.STOP}
        done = [next(stamped) for action in batch if action.operator is not Operator.STOP]
        dry |= {expansion(action) for action in done if action.id not in fruitful}


def parents_are_as_the_operators_need_them(search: Search) -> None:
    nodes = {node.number: node for node in search.tree.nodes}
    for action in search.tree.actions:
        parents = [nodes[number] for number in action.parents]
        match action.operator:
            case Operator.DRAFT:
                assert not parents and action.card in range(len(search.tree.cards[0]))
            case Operator.DEBUG:
                assert [parent.failed for parent in parents] == [True]
            case Operator.IMPROVE:
                assert [parent.valid for parent in parents] == [True]
            case Operator.CROSSOVER | Operator.MERGE:
                assert [parent.valid for parent in parents] == [True, True] and parents[0] is not parents[1]


def settings(**values: int) -> Settings:
    return Settings(**{"models": 3, "outer_steps": 2, "inner_steps": 3, "debug_rounds": 2, **values})


def named(name: str, **values: int) -> Policy:
    """A policy by its name, with options behind a colon: 'mle-star:merge=false'."""
    policy, _, options = name.partition(":")
    return make_policy(settings(**values).model_copy(update={"policy": policy, "policy_options": tuple(options.split())}))
