"""The last resort where time ends before anything was measured on all folds: an answer that is known less well, rather than none."""

from evaluation import summarise
from journal import Node, Status
from nodes.context import Context


def most_measured(context: Context) -> Node | None:
    """The unfinished candidate that ran on the most folds, of equal ones the first, with these as its evaluation; none: not one ran.

    That is not recorded as an evaluation: a run that is resumed with more time measures the other folds, too.
    """
    found: Node | None = None
    for node in context.run.tree().nodes:
        known = context.run.executions(node.number, "search") if node.evaluation is None else {}
        results = [result for _, result in sorted(known.items(), key=lambda pair: str(pair[0]))]
        if not results or any(result.status is not Status.OK for result in results):
            continue
        if found is None or found.evaluation is None or len(results) > len(found.evaluation.folds):
            found = Node(node.candidate, summarise("search", results))
    return found
