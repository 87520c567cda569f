"""What was tried before, as planners see it."""

from engineers import Attempt
from journal import Node, Status, Tree
from policies import repaired


def attempt(tree: Tree, node: Node, debug_rounds: int) -> Attempt:
    """A candidate as an attempt on its first parent: its plan, and what came of it after repairs."""
    end = repaired(tree, node, debug_rounds)
    status = end.evaluation.status if end.evaluation else Status.KILLED
    return Attempt(node.candidate.plan, end.score, status, tree.node(node.candidate.parents[0]).score)
