"""Evaluate: measure every candidate of the track that was made and not yet evaluated; all at once, as slots allow."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from langgraph.runtime import Runtime

from evaluation import LEAST, expected_seconds
from journal import Candidate, Evaluated, Postponed, write_atomically
from nodes.context import Context, pending_candidates
from nodes.final import publish_best
from nodes.judge import judged
from nodes.stacking import views_of
from nodes.state import TrackState
from nodes.waiting import OutOfTime, in_time


async def evaluate(state: TrackState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Each evaluation is recorded as it ends. Out of time, what still runs is stopped and stays pending.

    What cannot end in the time that is left is not begun; that is recorded first, so that a resumed run holds to it.
    """
    context, track = runtime.context, state["track"]
    postpone(context, track)
    work = [_measure(context, candidate) for candidate in pending_candidates(context.run, track)]
    with suppress(OutOfTime):
        await in_time(_all(work), context, track)
    return {}


def postpone(context: Context, track: int) -> None:
    """Record which pending evaluations are not begun, and why."""
    left, budget = context.clock.seconds_left(track), context.clock.seconds
    if left is None or budget is None:
        return
    tree = context.run.tree()
    for candidate in pending_candidates(context.run, track):
        known = context.run.executions(candidate.number, "search")
        expected = expected_seconds(tree, candidate, range(context.run.info.folds), known, context.at_once)
        if expected is not None and LEAST * expected > left:
            entry = Postponed(candidate=candidate.number, track=track, expected=round(expected, 3), left=round(left, 3), budget=budget)
            context.run.append(entry)


async def _all(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*work)


async def _measure(context: Context, candidate: Candidate) -> None:
    views = await asyncio.to_thread(views_of, context, candidate)
    evaluation = await judged(context, candidate, await context.evaluate(candidate, views))
    write_atomically(context.run.candidate_folder(candidate.number) / "evaluation.json", evaluation.model_dump_json(indent=1).encode())
    context.run.append(Evaluated(candidate=candidate.number, evaluation=evaluation))
    await publish_best(context, candidate)
    if context.on_evaluation is not None:
        await context.on_evaluation(candidate, evaluation)
