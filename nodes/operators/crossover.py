"""Crossover: one solution with the best of two."""

from collections.abc import Sequence

from engineers import Proposal
from journal import Action
from nodes.context import Context


async def crossover(context: Context, action: Action) -> Sequence[Proposal]:
    first, second = (context.run.solution(number) for number in action.parents)
    proposal = await context.engineer.crossover(first, second)
    return [proposal] if proposal else []
