"""Improve: the whole solution made better in one respect, or made to use provided files that it never opened."""

from collections.abc import Sequence

from engineers import Proposal
from journal import Action
from nodes.context import Context


async def improve(context: Context, action: Action) -> Sequence[Proposal]:
    solution = context.run.solution(action.parents[0])
    if action.files:
        proposal = await context.engineer.use_files(solution, action.files)
    else:
        proposal = await context.engineer.improve(solution, ())
    return [proposal] if proposal else []
