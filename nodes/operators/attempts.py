"""What was tried before, as planners see it."""

from statistics import fmean

from engineers import Attempt
from journal import Evaluation, Node, Status, Tree
from policies import repaired


def attempt(tree: Tree, node: Node, debug_rounds: int) -> Attempt:
    """A candidate as an attempt on its first parent, a draft on nothing: its plan, and what came of it after repairs."""
    end = repaired(tree, node, debug_rounds)
    status = end.evaluation.status if end.evaluation else Status.KILLED
    if not node.candidate.parents:
        return Attempt(node.candidate.plan, end.evaluation.score if end.evaluation else None, status)
    parent = tree.node(node.candidate.parents[0])
    if end.raced and end.evaluation and parent.evaluation:  # both on the folds that it came to
        return Attempt(node.candidate.plan, end.evaluation.score, status, score_on(parent.evaluation, len(end.evaluation.folds)), True)
    return Attempt(node.candidate.plan, end.score, status, parent.score)


def score_on(evaluation: Evaluation, folds: int) -> float | None:
    """The score of the first so many folds; none where the metric is undefined on all of them."""
    scores = [result.score for result in evaluation.folds[:folds] if result.score is not None]
    return fmean(scores) if scores else None
