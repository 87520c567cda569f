"""Improve: the whole solution made better in one respect, or made to use provided files that it never opened."""

from collections.abc import Sequence

from engineers import Proposal
from journal import Action
from nodes.context import Context, pending_actions
from nodes.operators.memory import remembered


async def improve(context: Context, action: Action) -> Sequence[Proposal]:
    solution = context.run.solution(action.parents[0])
    if action.files:
        proposal = await context.engineer.use_files(solution, action.files)
    else:
        await _earlier_siblings(context, action)
        attempts = remembered(context.run.tree().track(action.track), action, context.run.settings.debug_rounds)
        proposal = await context.engineer.improve(solution, attempts)
    return [proposal] if proposal else []


async def _earlier_siblings(context: Context, action: Action) -> None:
    """Several improvements of one parent may be in a batch: each must know what the earlier ones propose."""

    def recorded() -> bool:
        waiting = [each for each in pending_actions(context.run, action.track) if each.parents == action.parents]
        return action.track in context.broken_tracks or waiting[0].id == action.id

    async with context.out_of_order:
        await context.out_of_order.wait_for(recorded)
