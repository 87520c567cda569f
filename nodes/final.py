"""What a run hands over: final/submission.csv, kept current from the first valid candidate on, and the script that makes it again."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from competitions import average_predictions, write_submission
from ensembles import MemberPredictions, StackingViews, write_driver
from journal import Candidate, Fidelity, Node, Operator, Status, write_atomically
from nodes.context import Context

REFIT_MARGIN = 1.5
"""A refit is begun only if this many times its expected duration is left."""


async def publish_best(context: Context, candidate: Candidate) -> None:
    """Put the candidate's submission in place if it is the best of all so far."""
    async with context.publishing:
        tree = context.run.tree()
        best = tree.best(tree.nodes)
        if best is not None and best.number == candidate.number:
            await publish(context, best)


async def publish(context: Context, best: Node, refitted: pd.DataFrame | None = None) -> Path:
    """Write the solution's predictions for the real test rows: what a refit gave, else its fold models averaged.

    Where folds do not predict the real test rows, the candidate is run on its final view. If that fails, the older submission stays.
    """
    path = context.run.folder / "final" / "submission.csv"
    predicted = refitted if refitted is not None else await _test_predictions(context, best)
    if predicted is not None:
        await asyncio.to_thread(write_submission, context.views.competition, predicted, path)
    return path


async def refit(context: Context, best: Node) -> tuple[pd.DataFrame | None, str]:
    """(predictions of the chosen solution trained on all training rows, why there are none though they would have been better).

    None where that would change little (the folds together have seen all rows, and all were run), where time is short or runs out, or
    where it fails.
    """
    views = context.views
    rows = len(views.assignment("full"))
    seen = int((views.assignment("search") >= 0).sum())
    if views.folds > 1 and seen == rows and _measured(context, best):
        return None, ""
    left = context.clock.seconds_left_in_all()
    others = [context.run.tree().node(number).evaluation for number in members_of(best.candidate) if number != best.number]
    evaluations = others or [best.evaluation]
    expected = sum(evaluation.seconds / len(evaluation.folds) for evaluation in evaluations if evaluation) * rows / max(seen, 1)
    if context.run.finish_requested or (left is not None and left < REFIT_MARGIN * expected):
        return None, "there was no time to train on all rows"
    try:
        async with asyncio.timeout(left):
            predicted = await _on_final_view(context, best.candidate, "full")
    except TimeoutError:
        return None, "training on all rows took longer than the time that was left"
    return predicted, "" if predicted is not None else "training on all rows failed"


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
    if best.evaluation and not refitted and not _measured(context, best):
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


def members_of(candidate: Candidate) -> tuple[int, ...]:
    """The candidates that are trained: an ensemble's members, or the candidate itself."""
    return candidate.parents if candidate.operator is Operator.ENSEMBLE else (candidate.number,)


def _measured(context: Context, best: Node) -> bool:
    """Whether on all folds."""
    return best.evaluation is not None and len(best.evaluation.folds) == context.views.folds


async def _test_predictions(context: Context, best: Node) -> pd.DataFrame | None:
    measured = [result.fold for result in best.evaluation.folds] if best.evaluation else []
    folds = [predictions.test for predictions in context.predictions(best.number, "search", measured)]
    if folds[0].empty:
        return await _on_final_view(context, best.candidate, "search")
    return await asyncio.to_thread(average_predictions, context.views.competition, folds)


async def _on_final_view(context: Context, candidate: Candidate, fidelity: Fidelity) -> pd.DataFrame | None:
    """Train once on everything that the fidelity holds; for an ensemble every member, then the ensemble over them."""
    final: Sequence[int | None] = (None,)
    members = [context.run.tree().node(number).candidate for number in members_of(candidate)]
    evaluations = await asyncio.gather(*(context.evaluate(member, context.views, fidelity, final) for member in members))
    if any(evaluation.status is not Status.OK for evaluation in evaluations):
        return None
    finals = [context.predictions(member.number, fidelity, final)[0] for member in members]
    if candidate.operator is not Operator.ENSEMBLE:
        return finals[0].test
    stacked = [
        MemberPredictions(member.number, context.predictions(member.number), predicted)
        for member, predicted in zip(members, finals, strict=True)
    ]
    views = StackingViews(context.views, stacked, context.cache)
    evaluation = await context.evaluate(candidate, views, fidelity, final)
    return context.predictions(candidate.number, fidelity, final)[0].test if evaluation.status is Status.OK else None
