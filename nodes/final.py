"""What a run hands over: final/submission.csv, kept current from the first valid candidate on, and the script that makes it again."""

import asyncio
from pathlib import Path

import pandas as pd

from competitions import average_predictions, write_submission
from ensembles import write_driver
from journal import Candidate, Node, Operator, write_atomically
from nodes.context import Context
from nodes.refit import is_measured, keep_time, members_of, on_final_view


async def publish_best(context: Context, candidate: Candidate) -> None:
    """Put the candidate's submission in place if it is the best of all so far; then keep the time to train it on all rows.

    Not an ensemble's where each of its members would have to be run again for that: the best single candidate's stays until the end.
    """
    async with context.publishing:
        tree = context.run.tree()
        best = tree.best(tree.nodes)
        if best is not None and best.number == candidate.number:
            if candidate.operator is not Operator.ENSEMBLE or context.views.travelling("search"):
                await publish(context, best)
            await asyncio.to_thread(keep_time, context)


async def publish(context: Context, best: Node, refitted: pd.DataFrame | None = None) -> Path:
    """Write the solution's predictions for the real test rows: what a refit gave, else its fold models averaged.

    Where folds do not predict the real test rows, the candidate is run on its final view. If that fails, the older submission stays.
    """
    path = context.run.folder / "final" / "submission.csv"
    predicted = refitted if refitted is not None else await _test_predictions(context, best)
    if predicted is not None:
        await asyncio.to_thread(write_submission, context.views.competition, predicted, path)
    return path


def write_final_script(context: Context, best: Node, refitted: bool) -> None:
    """final/solution.py, which makes the submission again without this project, and final/members/, what it is made of."""
    run, settings, folder = context.run, context.run.settings, context.run.folder / "final"
    numbers = members_of(best.candidate)
    members = [(number, run.tree().node(number).candidate.title, str(run.solution(number))) for number in numbers]
    ensemble = str(run.solution(best.number)) if best.candidate.operator is Operator.ENSEMBLE else None
    for number, _, code in members:
        write_atomically(folder / "members" / f"{number:04d}.py", code.encode())
    if ensemble is not None:
        write_atomically(folder / "members" / "ensemble.py", ensemble.encode())
    refit_fidelity = "full" if refitted else None if context.views.travelling("search") else "search"
    score = "unknown" if best.score is None else f"{best.score:.6g}"
    about = f"Candidate {best.number:04d} of run {run.info.id}; out-of-fold {run.info.metric}: {score}. {best.candidate.plan}"
    if best.evaluation and not refitted and not is_measured(context, best):
        about += f" Time ended early: the submission is the mean over folds {[result.fold for result in best.evaluation.folds]} only."
    write_driver(
        folder / "solution.py",
        context.views,
        members,
        ensemble,
        refit=refit_fidelity,
        about=about,
        seed=settings.seed,
        threads=settings.threads,
        split_seed=settings.seed,
    )


async def _test_predictions(context: Context, best: Node) -> pd.DataFrame | None:
    measured = [result.fold for result in best.evaluation.folds] if best.evaluation else []
    folds = [predictions.test for predictions in context.predictions(best.number, "search", measured)]
    if folds[0].empty:
        return await on_final_view(context, best.candidate, "search")
    return await asyncio.to_thread(average_predictions, context.views.competition, folds)
