"""Evaluate: run a solution on the folds of a fidelity, blind, and score what it predicted for the held-out rows."""

import asyncio
import json
import math
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from competitions import Competition, InvalidSubmission, Predictions, View, ViewSource, metric_of, read_predictions
from evaluation.files import PREDICTIONS, execution_name, save_predictions
from evaluation.racing import Race, heats
from evaluation.slots import Slots
from evaluation.store import Store, store_key
from journal import Evaluation, Fidelity, FoldResult, Status, write_atomically
from sandbox import ExecutionResult, Job, Limits, Runner

LOG, WEIGHTS = "log.txt", "weights.json"
NO_HELP_TO_OPEN = {"sample_submission", "description"}


@dataclass(frozen=True)
class Evaluator:
    """What all evaluations of a run have in common."""

    runner: Runner
    slots: Slots
    store: Store
    limits: Limits
    seed: int = 0
    threads: int = 1

    async def evaluate(
        self,
        code: str,
        views: ViewSource,
        folder: Path,
        *,
        fidelity: Fidelity = "search",
        folds: Sequence[int | None] | None = None,
        race: Race | None = None,
        known: Mapping[int | None, FoldResult] | None = None,
        on_result: Callable[[FoldResult], None] | None = None,
        priority: tuple[int, ...] = (),
        group: int = 0,
        memory: int = 0,
    ) -> Evaluation:
        """Run `code` on each fold (all of the views' folds unless given), concurrently as slots allow.

        Per fold, `folder`/<fidelity>-<fold>/ receives predictions.parquet, log.txt and, if the solution left one, weights.json. `known`
        results are not run again. Where slots are short, the `group` that holds the fewest goes first, then the smallest `priority`, then
        the first fold. The first failure in fold order ends the evaluation; what runs beyond it is stopped. `memory`: bytes that an
        execution is expected to take, until one has shown it. With a `race`, folds are begun only when those before them have shown that
        it is not over.

        Raises:
            InfrastructureError: an execution could not be run at all.
        """
        folds = list(range(views.folds)) if folds is None else folds
        known = known or {}
        peaks: list[int] = []

        async def one(fold: int | None) -> FoldResult:
            if fold in known:
                return known[fold]
            place = (*priority, -1 if fold is None else fold)
            result = await self._execute(code, views, folder, fidelity, fold, place, group, lambda: max(peaks, default=memory))
            peaks.append(result.peak_memory)
            if on_result is not None:
                on_result(result)
            return result

        results: list[FoldResult] = []
        raced = False
        with self.slots.working(group):
            for begin, end in heats(len(folds), race is not None):
                results += await _until_a_failure([one(fold) for fold in folds[begin:end]])
                if results[-1].status is not Status.OK:
                    break
                if race is not None and end < len(folds):
                    raced = await asyncio.to_thread(race.over, views, folder, fidelity, folds[:end], len(folds))
                    if raced:
                        break
        evaluation = summarise(fidelity, results, raced)
        if evaluation.status is Status.OK and not raced:
            self.slots.scored(group)
            _keep_mean_weights([folder / execution_name(fidelity, fold) / WEIGHTS for fold in folds], folder / WEIGHTS)
        return evaluation

    async def _execute(
        self,
        code: str,
        views: ViewSource,
        folder: Path,
        fidelity: Fidelity,
        fold: int | None,
        priority: tuple[int, ...],
        group: int,
        expects: Callable[[], int],
    ) -> FoldResult:
        view = await asyncio.to_thread(views.view, fidelity, fold)
        target = folder / execution_name(fidelity, fold)
        key = store_key(code, view.fingerprint, self.seed, f"{self.runner.environment} threads={self.threads}")
        if stored := await asyncio.to_thread(self.store.get, key, target):
            return stored
        async with self.slots.take(priority, lambda: min(expects(), self.limits.memory), group) as gpu:
            with tempfile.TemporaryDirectory(prefix="mlestar-output-") as output:
                job = Job(
                    code=code,
                    input=view.folder,
                    output=Path(output),
                    limits=self.limits,
                    threads=self.threads,
                    gpu=gpu,
                    gpu_share=self.slots.gpu_share,
                    seed=self.seed,
                    collect=("submission.csv", "probabilities.csv", WEIGHTS),
                )
                execution = await self.runner.execute(job)
                result = await asyncio.to_thread(self._judge, execution, views, view, target)
        if result.status is Status.OK:
            await asyncio.to_thread(self.store.put, key, result, sorted(target.iterdir()))
        return result

    def _judge(self, execution: ExecutionResult, views: ViewSource, view: View, target: Path) -> FoldResult:
        """What an execution is worth: its predictions are checked, kept in `target`, and scored."""
        target.mkdir(parents=True, exist_ok=True)
        (target / LOG).write_text(execution.log)
        status, error, score = execution.status, execution.error, None
        if status is Status.OK:
            try:
                predictions = _predictions(views.competition, view, execution)
                score = _score(views, view, predictions)
                save_predictions(predictions, target / PREDICTIONS)
                if WEIGHTS in execution.files:
                    shutil.copyfile(execution.files[WEIGHTS], target / WEIGHTS)
            except InvalidSubmission as invalid:
                status, error = Status.INVALID_SUBMISSION, str(invalid)
        return FoldResult(
            fold=view.fold,
            status=status,
            score=score,
            seconds=execution.seconds,
            peak_memory=execution.peak_memory,
            error=error,
            files_opened=execution.files_opened,
            files_unopened=_unopened(views.competition, execution),
        )


async def _until_a_failure(executions: Sequence[Coroutine[Any, Any, FoldResult]]) -> list[FoldResult]:
    """All at once; the results in order, up to the first failure. What runs beyond it is stopped."""
    tasks = [asyncio.ensure_future(execution) for execution in executions]
    results: list[FoldResult] = []
    try:
        for task in tasks:
            results.append(await task)
            if results[-1].status is not Status.OK:
                break
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return results


def summarise(fidelity: Fidelity, results: Sequence[FoldResult], raced: bool = False) -> Evaluation:
    """The mean over the folds on which the metric is defined; a failure if one fold failed. `raced`: stopped after these folds."""
    failed = next((result.status for result in results if result.status is not Status.OK), Status.OK)
    scores = [result.score for result in results if result.score is not None]
    score = fmean(scores) if scores and failed is Status.OK else None
    return Evaluation(fidelity=fidelity, folds=tuple(results), status=failed, score=score, raced=raced)


def _keep_mean_weights(paths: Sequence[Path], target: Path) -> None:
    """What an ensemble says of its members' weights, averaged over the folds; a script may write anything, so only numbers count."""
    try:
        folds = [json.loads(path.read_bytes()) for path in paths]
        names = dict.fromkeys(name for fold in folds for name in fold)
        weights = {name: fmean(float(fold.get(name, 0.0)) for fold in folds) for name in names}
    except (OSError, ValueError, TypeError, AttributeError):
        return
    write_atomically(target, json.dumps(weights).encode())


def _predictions(competition: Competition, view: View, execution: ExecutionResult) -> Predictions:
    if "submission.csv" not in execution.files:
        raise InvalidSubmission(execution.error or "no submission.csv was written: write it to the working folder")
    return read_predictions(competition, view, execution.files["submission.csv"], execution.files.get("probabilities.csv"))


def _score(views: ViewSource, view: View, predictions: Predictions) -> float | None:
    """The metric over the held-out rows; none on the final view, or where the metric is undefined on the fold."""
    if view.fold is None:
        return None
    competition = views.competition
    actual = views.answers().loc[predictions.held_out.index]
    score = metric_of(competition).score(competition, actual, predictions.held_out)
    if math.isinf(score):
        raise InvalidSubmission("the predictions are so far off that their score is not finite")
    return None if math.isnan(score) else score


def _unopened(competition: Competition, execution: ExecutionResult) -> tuple[str, ...]:
    """Provided files (of folders: any file in them) that would help and were not opened; empty where it could not be observed."""
    if execution.files_opened is None:
        return ()
    useful = (file.path for file in competition.files if file.role not in NO_HELP_TO_OPEN)
    opened = execution.files_opened
    return tuple(path for path in useful if not any(name == path or name.startswith(f"{path.rstrip('/')}/") for name in opened))
