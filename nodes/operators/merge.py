"""Merge: a further model into the best solution so far, which stays the skeleton."""

from collections.abc import Sequence

from engineers import Proposal
from journal import Action
from nodes.context import Context


async def merge(context: Context, action: Action) -> Sequence[Proposal]:
    base, reference = (context.run.solution(number) for number in action.parents)
    proposal = await context.engineer.merge(base, reference)
    return [proposal] if proposal else []
