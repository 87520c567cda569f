"""Fetching the pretrained weights that the run's model cards name, where the user allows it: before the first script, outside the cage."""

from contextlib import suppress
from time import monotonic

from journal import Fetched
from nodes.context import Context
from nodes.waiting import OutOfTime, in_time


async def fetch_weights(context: Context) -> None:
    """Each is recorded, also where it could not be had: the run goes on without it, a resumption tries again."""
    if context.fetch is None:
        return
    had = {entry.weights for entry in context.run.entries(Fetched) if not entry.error}
    named = dict.fromkeys(name for hand in context.run.tree().cards for card in hand for name in card.weights)
    with suppress(OutOfTime):
        for name in named:
            if name not in had:
                started = monotonic()
                error = await in_time(context.fetch(name), context, 1)
                context.run.append(Fetched(weights=name, seconds=round(monotonic() - started, 3), error=error))
