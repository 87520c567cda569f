"""Submit: the best of single candidates and ensembles, as a submission and as a standalone script."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from competitions import grade
from journal import Finished, Node
from nodes.context import Context
from nodes.final import publish, write_final_script
from nodes.partly import most_measured
from nodes.refit import affordable, in_place, refit
from nodes.state import RunState


async def submit(state: RunState, runtime: Runtime[Context]) -> dict[str, Any]:  # noqa: ARG001 - a node takes its state
    """Write final/, grade it where answers lie beside the competition, and record the end."""
    context = runtime.context
    tree = context.run.tree()
    best = tree.best(tree.nodes) or await asyncio.to_thread(most_measured, context)
    if best is None:
        context.run.append(Finished(chosen=None, score=None, reason=f"no valid solution; {_reason(context)}"))
        return {}
    best = await asyncio.to_thread(affordable, context, best)
    refitted, trouble = await refit(context, best)
    if refitted is None:
        best = await asyncio.to_thread(in_place, context, best)
    submission = await publish(context, best, refitted)
    await asyncio.to_thread(write_final_script, context, best, refitted is not None)
    competition = context.views.competition
    graded = await asyncio.to_thread(grade, competition, submission) if competition.answers else None
    context.run.append(
        Finished(
            chosen=best.number,
            score=best.score,
            first_score=tree.first.score if tree.first else None,
            grade=graded.score if graded else None,
            reason="; ".join(filter(None, (_reason(context), _how_well_known(context, best), trouble))),
        )
    )
    return {}


def _how_well_known(context: Context, best: Node) -> str:
    measured, folds = len(best.evaluation.folds) if best.evaluation else 0, context.run.info.folds
    return "" if measured == folds else f"nothing was measured on all {folds} folds: the answer was on {measured}"


def _reason(context: Context) -> str:
    if context.broken:
        return context.broken
    if context.run.finish_requested:
        return "finish requested"
    tracks = range(1, context.run.settings.tracks + 1)
    if any(context.out_of_time(track) for track in tracks):
        return "time"
    return "evaluations" if all(context.budget(track).spent for track in tracks) else "search complete"
