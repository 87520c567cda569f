"""Training on all rows: what the folds have not seen, the answer may have; the time for it is kept from the search."""

import asyncio
import math
from collections.abc import Sequence

import pandas as pd

from competitions import HOLDOUT_PARTS, Views
from ensembles import MemberPredictions, StackingViews
from journal import Candidate, Fidelity, Node, Operator, Status
from nodes.context import Context

KEPT, BEGUN = 1.3, 1.2
"""So many times a refit's expected duration is kept for it; it is begun if so many times are left, as the search may end a little late."""
FOR_TEST_ROWS = 1.5
"""So many times as long as a fold's may an execution for the test rows take: it has a few more rows to train on, and others to predict."""
STEEPNESS = 1.3
"""Training grows with this power of its rows: sorting, groups and solvers take more than their share, and the test rows come on top."""
MUCH = 2.0
"""So many times the rows of a fold are worth more than what an ensemble adds to its best member."""


def keep_time(context: Context) -> None:
    """Keep the time from the search that training the best candidate so far on all rows is expected to take, if there is so much.

    For an ensemble whose members would take too long, that of its best member for which there is time.
    """
    best = (tree := context.run.tree()).best(tree.nodes)
    chosen = affordable(context, best, KEPT) if best is not None else None
    wanted = chosen is not None and worthwhile(context, chosen) and fits(context, chosen, KEPT)
    context.clock.keep(KEPT * refit_seconds(context, chosen) if chosen is not None and wanted else 0.0)


async def refit(context: Context, best: Node) -> tuple[pd.DataFrame | None, str]:
    """(predictions of the chosen solution trained on all training rows, why there are none though they would have been better).

    None where that would change little (the folds together have seen all rows, and all were run), where time is short or runs out, or
    where it fails.
    """
    if not worthwhile(context, best):
        return None, ""
    if not fits(context, best):
        return None, "there was no time to train on all rows"
    try:
        async with asyncio.timeout(context.clock.seconds_left_in_all()):
            predicted = await on_final_view(context, best.candidate, "full")
    except TimeoutError:
        return None, "training on all rows took longer than the time that was left"
    return predicted, "" if predicted is not None else "training on all rows failed"


def affordable(context: Context, best: Node, margin: float = BEGUN) -> Node:
    """The best itself; of an ensemble for whose refit no time is left, the best member that can be trained on many more rows in time."""
    if not worthwhile(context, best) or fits(context, best, margin) or growth_of(context.views, "full") < MUCH:
        return best
    tree = context.run.tree()
    members = [node for number in members_of(best.candidate) if fits(context, node := tree.node(number), margin)]
    return tree.best(members) or best


def in_place(context: Context, best: Node) -> Node:
    """The best; where folds do not predict the test rows, and no time is left to run it for them, the best of those that were."""
    left, tree = context.clock.seconds_left_in_all(), context.run.tree()
    if left is None or left > FOR_TEST_ROWS * fold_seconds(context, best) or context.views.travelling("search"):
        return best
    return tree.best(node for node in tree.nodes if None in context.run.executions(node.number, "search")) or best


def worthwhile(context: Context, best: Node) -> bool:
    """Whether folds have left rows out, or not all folds were run."""
    views = context.views
    seen_by_some = int((views.assignment("search") >= 0).sum()) if views.folds > 1 else 0
    return seen_by_some < len(views.assignment("full")) or not is_measured(context, best)


def is_measured(context: Context, node: Node) -> bool:
    """Whether on all folds."""
    return node.evaluation is not None and len(node.evaluation.folds) == context.views.folds


def fits(context: Context, node: Node, margin: float = BEGUN) -> bool:
    """Whether the run's time allows a refit; never where somebody has asked for the end."""
    left = context.clock.seconds_left_in_all()
    return not context.run.finish_requested and (left is None or left >= margin * refit_seconds(context, node))


def refit_seconds(context: Context, node: Node) -> float:
    """What training on all rows is expected to take."""
    return fold_seconds(context, node) * math.pow(growth_of(context.views, "full"), STEEPNESS)


def fold_seconds(context: Context, node: Node) -> float:
    """What one fold took; of an ensemble, with its members side by side."""
    tree = context.run.tree()
    trained = [node if number == node.number else tree.node(number) for number in members_of(node.candidate)]
    seconds = [each.evaluation.seconds / len(each.evaluation.folds) for each in trained if each.evaluation]
    return max([*seconds, sum(seconds) / context.at_once], default=0.0)


def growth_of(views: Views, fidelity: Fidelity) -> float:
    """Training rows of the full view, which holds none out, as a multiple of those of a search fold; 1 for other fidelities."""
    if fidelity != "full":
        return 1.0
    rows, seen = (int((views.assignment(name) >= 0).sum()) for name in ("full", "search"))
    parts = views.folds if views.folds > 1 else HOLDOUT_PARTS
    return rows / max(seen * (parts - 1) / parts, 1.0)


def members_of(candidate: Candidate) -> tuple[int, ...]:
    """The candidates that are trained: an ensemble's members, or the candidate itself."""
    return candidate.parents if candidate.operator is Operator.ENSEMBLE else (candidate.number,)


async def on_final_view(context: Context, candidate: Candidate, fidelity: Fidelity) -> pd.DataFrame | None:
    """Train once on everything that the fidelity holds; for an ensemble every member, then the ensemble over them. None: it failed."""
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
