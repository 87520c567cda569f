"""Ablate: the best solution with one block at a time replaced or switched off; every variant is a candidate of its own."""

from collections.abc import Sequence

from engineers import Proposal, Variant
from journal import Action, Solution, SolutionError
from nodes.context import Context


async def ablate(context: Context, action: Action) -> Sequence[Proposal]:
    solution = context.run.solution(action.parents[0])
    variants = await context.engineer.variants(solution, context.run.tree().track(action.track).studies)
    return [proposal for variant in variants if (proposal := _proposal(solution, variant))]


def _proposal(solution: Solution, variant: Variant) -> Proposal | None:
    """The variant as a script; none where it changes nothing or is no script."""
    try:
        code = str(solution.replace(variant.block, variant.replacement))
    except SolutionError:
        return None
    return Proposal(variant.title, f"Ablation: {variant.title}.", code, variant.block)
