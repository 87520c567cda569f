"""Draft: one simple solution from one of the track's model cards."""

from collections.abc import Sequence

from engineers import Proposal
from journal import Action
from nodes.context import Context


async def draft(context: Context, action: Action) -> Sequence[Proposal]:
    card = context.run.tree().track(action.track).cards[0][action.card or 0]
    proposal = await context.engineer.draft(card)
    return [proposal] if proposal else []
