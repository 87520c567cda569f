from dataclasses import replace
from random import Random

import pytest

from journal import Operator, Settings
from policies import Budget, choose_members, make_policy, policy_names
from policies.racing import RACED
from tests.policies.search import Search

SETTINGS = Settings(models=3, outer_steps=1, inner_steps=2, debug_rounds=1)


def search(policy: str, racing: bool = True) -> Search:
    settings = SETTINGS.model_copy(update={"racing": racing, "policy": policy})
    return Search(make_policy(settings), lambda action, index: 0.1 * index, evaluations=40).run()


@pytest.mark.parametrize("policy", ["mle-star", "greedy"])
def test_drafts_refinements_and_improvements_race_against_the_best_so_far(policy: str) -> None:
    first, *others = search(policy).tree.actions
    assert first.incumbent is None
    assert {action.operator for action in others if action.incumbent} <= RACED
    assert all(action.incumbent for action in others if action.operator in RACED)


@pytest.mark.parametrize("policy", policy_names())
def test_without_racing_no_action_names_an_incumbent(policy: str) -> None:
    assert not [action for action in search(policy, racing=False).tree.actions if action.incumbent]


def stopped_early(nodes: Search, number: int) -> Search:
    tree = nodes.tree
    raced = tuple(
        replace(node, evaluation=node.evaluation.model_copy(update={"raced": True})) if node.number == number and node.evaluation else node
        for node in tree.nodes
    )
    nodes.tree = replace(tree, nodes=raced)
    return nodes


def test_what_was_stopped_early_is_neither_best_nor_member_nor_failed() -> None:
    done = search("mle-star")
    best = done.tree.best(done.tree.nodes)
    assert best is not None
    tree = stopped_early(done, best.number).tree
    other, node = tree.best(tree.nodes), tree.node(best.number)
    assert other is not None and other.number != best.number
    assert (node.valid, node.failed, node.raced, node.score, node.outcome) == (False, False, True, None, "stopped early")
    assert best.number not in [member.number for member in choose_members(tree)]


def test_a_draft_that_was_stopped_early_is_merged_last() -> None:
    done = search("mle-star")
    drafts = tuple(node for node in done.tree.nodes if node.candidate.operator is Operator.DRAFT)[:3]
    actions = tuple(action for action in done.tree.actions if action.operator is Operator.DRAFT)
    done.tree = replace(done.tree, nodes=drafts, actions=actions, studies=())
    tree = stopped_early(done, drafts[2].number).tree
    (merge,) = make_policy(SETTINGS)(tree, Budget(), Random(0))
    assert merge.operator is Operator.MERGE
    assert drafts[2].number not in merge.parents
