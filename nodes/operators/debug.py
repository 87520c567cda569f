"""Debug: repair a broken candidate, given its own latest error and what was tried in its chain."""

from collections.abc import Sequence

from engineers import Proposal
from journal import Action, Operator
from nodes.context import Context


async def debug(context: Context, action: Action) -> Sequence[Proposal]:
    tree = context.run.tree()
    broken = tree.node(action.parents[0])
    tried, node = [], broken
    while node.candidate.operator is Operator.DEBUG:
        tried.append(node.candidate.plan)
        node = tree.node(node.candidate.parents[0])
    error = broken.evaluation.error if broken.evaluation else ""
    status = broken.evaluation.status.value if broken.evaluation else ""
    proposal = await context.engineer.debug(context.run.solution(broken.number), f"{status}: {error}", tuple(reversed(tried)))
    return [proposal] if proposal else []
