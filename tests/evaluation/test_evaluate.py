import asyncio
import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from competitions import METRICS, Views
from evaluation import PREDICTIONS, Evaluator, Slots, Store, load_predictions
from journal import FoldResult, Status
from sandbox import ExecutionResult, Job, Limits, LocalRunner
from tests.evaluation.scripts import SCRIPT


async def test_a_score_is_the_mean_over_folds_of_the_metric_on_held_out_rows(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    evaluation = await evaluator.evaluate(SCRIPT, views, tmp_path / "c")
    assert evaluation.status is Status.OK
    scores = []
    for fold in range(views.folds):
        predicted = load_predictions(tmp_path / "c" / f"search-{fold}" / PREDICTIONS).held_out
        scores.append(METRICS["roc_auc"].score(views.competition, views.answers().loc[predicted.index], predicted))
    assert evaluation.score == pytest.approx(sum(scores) / len(scores))
    assert 0.9 < sum(scores) / len(scores) < 1


async def test_every_row_is_held_out_once_and_every_fold_predicts_the_real_test_rows(
    views: Views, evaluator: Evaluator, tmp_path: Path
) -> None:
    await evaluator.evaluate(SCRIPT, views, tmp_path / "c")
    parts = [load_predictions(tmp_path / "c" / f"search-{fold}" / PREDICTIONS) for fold in range(views.folds)]
    rows = [row for part in parts for row in part.held_out.index]
    assert sorted(rows) == list(range(len(views.answers())))
    assert len({tuple(part.test.index) for part in parts}) == 1


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("raise ValueError('no such luck')", Status.CRASHED, "no such luck"),
        ("pass", Status.INVALID_SUBMISSION, "submission.csv"),
        (SCRIPT + "sample.head(3).to_csv('submission.csv', index=False)\n", Status.INVALID_SUBMISSION, "3 rows"),
        (
            SCRIPT + "sample['diagnosis'] = float('nan')\nsample.to_csv('submission.csv', index=False)\n",
            Status.INVALID_SUBMISSION,
            "finite",
        ),
        (SCRIPT + "sample['diagnosis'] *= 5\nsample.to_csv('submission.csv', index=False)\n", Status.INVALID_SUBMISSION, "[0, 1]"),
    ],
)
async def test_a_failure_is_a_value_without_a_score(
    code: str, status: Status, said: str, views: Views, evaluator: Evaluator, tmp_path: Path
) -> None:
    evaluation = await evaluator.evaluate(code, views, tmp_path / "c")
    assert evaluation.status is status
    assert evaluation.score is None
    assert said in evaluation.error


async def test_the_first_failure_in_fold_order_ends_the_evaluation(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    evaluation = await evaluator.evaluate("import time\ntime.sleep(0.2)\nraise SystemExit(3)", views, tmp_path / "c")
    assert [result.fold for result in evaluation.folds] == [0]


class Counting:
    """The local runner, with a count of executions and of how many ran at once."""

    def __init__(self) -> None:
        self.inner, self.count, self.running, self.most = LocalRunner(), 0, 0, 0
        self.name, self.environment = self.inner.name, self.inner.environment

    async def execute(self, job: Job) -> ExecutionResult:
        self.count += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await self.inner.execute(job)
        finally:
            self.running -= 1


async def test_a_second_evaluation_comes_from_the_store_with_the_same_predictions(
    views: Views, evaluator: Evaluator, tmp_path: Path
) -> None:
    runner = Counting()
    evaluator = replace(evaluator, runner=runner)
    first = await evaluator.evaluate(SCRIPT, views, tmp_path / "a")
    second = await evaluator.evaluate(SCRIPT, views, tmp_path / "b")
    assert runner.count == views.folds
    assert first.score == second.score
    assert all(result.stored for result in second.folds)
    a, b = (load_predictions(tmp_path / name / "search-0" / PREDICTIONS) for name in "ab")
    assert a.held_out.equals(b.held_out)
    assert a.test.equals(b.test)


async def test_failures_are_not_stored(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    runner = Counting()
    evaluator = replace(evaluator, runner=runner)
    for name in "ab":
        await evaluator.evaluate("raise SystemExit(1)", views, tmp_path / name)
    assert runner.count >= 2


async def test_another_seed_is_another_result(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    runner = Counting()
    evaluator = replace(evaluator, runner=runner)
    await evaluator.evaluate(SCRIPT, views, tmp_path / "a")
    await replace(evaluator, seed=1).evaluate(SCRIPT, views, tmp_path / "b")
    assert runner.count == 2 * views.folds


async def test_never_more_executions_at_once_than_slots_but_as_many(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    runner = Counting()
    evaluator = replace(evaluator, runner=runner)
    codes = [SCRIPT + f"import time; time.sleep(0.3)  # {number}\n" for number in range(2)]
    await asyncio.gather(*(evaluator.evaluate(code, views, tmp_path / str(n)) for n, code in enumerate(codes)))
    assert runner.most == 2


async def test_known_results_are_not_run_again(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    runner, seen = Counting(), []
    evaluator = replace(evaluator, runner=runner)
    known: dict[int | None, FoldResult] = {0: FoldResult(fold=0, status=Status.OK, score=0.25)}
    evaluation = await evaluator.evaluate(SCRIPT, views, tmp_path / "c", known=known, on_result=seen.append)
    assert runner.count == views.folds - 1
    assert evaluation.folds[0].score == 0.25
    assert {result.fold for result in seen} == set(range(1, views.folds))


async def test_a_limit_ends_a_script_and_the_next_runs(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    hung = await replace(evaluator, limits=Limits(seconds=0.5, grace=0.2)).evaluate("while True: pass", views, tmp_path / "a")
    assert hung.status is Status.TIMED_OUT
    assert (await evaluator.evaluate(SCRIPT, views, tmp_path / "b")).status is Status.OK


async def test_cancelling_an_evaluation_frees_its_slots(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    task = asyncio.ensure_future(evaluator.evaluate("while True: pass", views, tmp_path / "a"))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await asyncio.wait_for(evaluator.evaluate(SCRIPT, views, tmp_path / "b"), 30)).status is Status.OK


async def test_files_that_were_never_opened_are_named(views: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    blind = SCRIPT.replace('pd.read_csv("input/train.csv"), ', "0, ")
    opened, unopened = [await evaluator.evaluate(code, views, tmp_path / str(len(code))) for code in (SCRIPT, blind)]
    assert opened.files_unopened == ()
    assert unopened.files_unopened == ("train.csv",)


async def test_folds_that_do_not_fit_into_memory_together_run_one_after_the_other(views: Views, tmp_path: Path) -> None:
    """By what is expected at first, then by what the first of them has taken."""
    code = SCRIPT.replace("\n", "\nprint(__import__('time').monotonic())\n", 1) + "\nprint(__import__('time').monotonic())\n"

    async def overlaps(memory: int, expected: int) -> bool:
        folder = tmp_path / f"{memory}-{expected}"
        evaluator = Evaluator(LocalRunner(), Slots(2, memory=memory), Store(folder / "store"), Limits(seconds=30.0))
        evaluation = await evaluator.evaluate(code, views, folder, memory=expected)
        assert evaluation.status is Status.OK
        logs = [(folder / f"search-{fold}" / "log.txt").read_text().split() for fold in range(views.folds)]
        times = sorted((float(log[0]), float(log[-1])) for log in logs)
        return any(begun < ended for (_, ended), (begun, _) in itertools.pairwise(times))

    assert await overlaps(2**40, 2**20)
    assert not await overlaps(100 * 2**20, 90 * 2**20)
