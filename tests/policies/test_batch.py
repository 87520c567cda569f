from dataclasses import replace

from journal import Node, Tree
from policies import Batch
from tests.policies.trees import draft, grow


def same_script(tree: Tree, *numbers: int) -> Tree:
    """With one script in several candidates."""

    def written(node: Node) -> Node:
        return replace(node, candidate=node.candidate.model_copy(update={"digest": "same"})) if node.number in numbers else node

    return replace(tree, nodes=tuple(written(node) for node in tree.nodes))


def test_of_equal_scripts_only_the_oldest_is_built_upon() -> None:
    batch = Batch(same_script(grow(draft(0.5), draft(0.9), draft(0.9)), 2, 3))
    assert [node.number for node in batch.ranked] == [2, 1]


def test_equal_scripts_are_not_crossed_different_ones_once() -> None:
    one, two, three = (tree := same_script(grow(draft(0.5), draft(0.9), draft(0.9)), 2, 3)).nodes
    batch = Batch(tree)
    assert [batch.cross(two, three), batch.cross(one, one), batch.cross(one, two), batch.cross(two, one)] == [False, False, True, False]


def test_attempts_on_one_node_are_numbered() -> None:
    batch = Batch(tree := grow(draft(0.5)))
    assert batch.improve(tree.nodes[0]) and batch.improve(tree.nodes[0])
    assert [action.attempt for action in batch.actions] == [1, 2]
