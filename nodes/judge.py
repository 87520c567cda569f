"""Judge: a candidate that is about to become the best of its track is read for leaks; one that leaks is a failure like any other."""

from engineers import EngineerError
from engineers.occasion import work_on
from journal import Candidate, Evaluation, Judged, Operator, Status
from nodes.context import Context


async def judged(context: Context, candidate: Candidate, evaluation: Evaluation) -> Evaluation:
    """The evaluation, or, where the judge finds a leak, one that failed with the judge's reason: the debug operator repairs it by that.

    Which candidates are judged goes by position: those better than all of the track's earlier actions.
    """
    if candidate.operator is Operator.ENSEMBLE or evaluation.status is not Status.OK or not _is_best(context, candidate, evaluation):
        return evaluation
    verdict = next((each for each in context.run.entries(Judged) if each.candidate == candidate.number), None)
    if verdict is None:
        work_on(next(action for action in context.run.tree().actions if action.id == candidate.action))
        try:
            review = await context.engineer.review(context.run.solution(candidate.number))
        except EngineerError as error:
            context.give_up(error, candidate.track)
            return evaluation
        if review is None:
            return evaluation
        verdict = Judged(candidate=candidate.number, leaks=review.leaks, block=review.block, reason=review.reason)
        context.run.append(verdict)
    return _failed(evaluation, verdict) if verdict.leaks else evaluation


def _is_best(context: Context, candidate: Candidate, evaluation: Evaluation) -> bool:
    tree = context.run.tree().track(candidate.track)
    best = tree.best([node for node in tree.nodes if node.candidate.action < candidate.action])
    return best is None or (evaluation.score is not None and best.score is not None and tree.better(evaluation.score, best.score))


def _failed(evaluation: Evaluation, verdict: Judged) -> Evaluation:
    where = f" in block '{verdict.block}'" if verdict.block else ""
    first, *others = evaluation.folds
    leaking = first.model_copy(update={"status": Status.LEAKING, "error": f"leakage{where}: {verdict.reason}"})
    return evaluation.model_copy(update={"folds": (leaking, *others), "status": Status.LEAKING, "score": None})
