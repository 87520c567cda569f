"""Retrieve: find effective models for the competition and deal them to the tracks, so that no two tracks begin alike."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langgraph.runtime import Runtime

from engineers import EngineerError
from journal import ModelCard, Retrieved
from nodes.approval import approved_cards
from nodes.context import Context
from nodes.refit import keep_time
from nodes.state import RunState
from nodes.waiting import OutOfTime, in_time
from nodes.weights import fetch_weights

ENOUGH_TO_MERGE = 2


async def retrieve(state: RunState, runtime: Runtime[Context]) -> dict[str, Any]:  # noqa: ARG001 - a node takes its state
    """Record each track's model cards, once a run, and have the weights that they name; a run that is taken up keeps time as before."""
    context = runtime.context
    await asyncio.to_thread(keep_time, context)
    if not context.run.tree().cards:
        await _find_cards(context)
    await fetch_weights(context)
    return {}


async def _find_cards(context: Context) -> None:
    settings = context.run.settings
    try:
        cards = await in_time(context.engineer.retrieve(settings.models * settings.tracks), context, 1)
    except OutOfTime:  # a resumption asks again
        return
    except EngineerError as error:
        context.give_up(error, *range(settings.tracks + 1))
        return
    context.run.append(Retrieved(cards=deal(approved_cards(context, cards), settings.tracks, settings.models)))


def deal(cards: Sequence[ModelCard], tracks: int, models: int) -> tuple[tuple[ModelCard, ...], ...]:
    """`models` cards a track: first one each, of different families as long as there are any, then round by round.

    Where cards run out, a track with fewer than two shares what other tracks had later than first: enough to merge, and no model is
    drafted everywhere.
    """
    left = list(cards)
    hands: list[list[ModelCard]] = [[] for _ in range(tracks)]
    for round_number in range(models):
        for hand in hands:
            taken = {other[0].family for other in hands if other} if round_number == 0 else {card.family for card in hand}
            card = next((card for card in left if card.family not in taken), left[0] if left else None)
            if card is not None:
                hand.append(card)
                left.remove(card)
    shareable = [card for hand in hands for card in hand[1:]]
    for hand in hands:
        further = shareable if hand else list(cards)
        hand.extend([card for card in further if card not in hand][: max(0, min(models, ENOUGH_TO_MERGE) - len(hand))])
    return tuple(tuple(hand) for hand in hands)
