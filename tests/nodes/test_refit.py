"""What is handed over when folds have not seen, or do not predict, everything; and the time that is kept for it."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from langgraph.runtime import Runtime

from evaluation import summarise
from journal import Action, Candidate, Decided, Evaluated, Executed, FoldResult, Operator, Proposed, Run, Status
from nodes import Clock, Context
from nodes.refit import affordable, growth_of, in_place, keep_time, refit_seconds
from nodes.retrieve import retrieve
from tests.nodes.conftest import Bench

QUICK = {"tracks": 1, "models": 2, "outer_steps": 0, "ensemble_rounds": 1}


def submission(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "final" / "submission.csv")


async def test_one_holdout_is_refitted_on_all_rows(bench: Bench) -> None:
    bench.folds = 1
    run = await bench.solve(bench.new(**QUICK))
    chosen = run.finished.chosen if run.finished else None
    assert chosen is not None
    fidelities = {entry.name for entry in run.candidate_folder(chosen).iterdir() if entry.is_dir()}
    assert "full-final" in fidelities
    assert len(submission(run.folder)) == 20


async def test_a_subsample_is_refitted_on_all_rows(bench: Bench) -> None:
    bench.rows, bench.search_rows = 300, 100
    run = await bench.solve(bench.new(**QUICK))
    assert run.finished is not None and run.finished.chosen is not None
    assert (run.candidate_folder(run.finished.chosen) / "full-final").is_dir()
    assert "FINAL_ASSIGNMENT" in (run.folder / "final" / "solution.py").read_text()


async def test_folds_see_all_rows_so_nothing_is_refitted(bench: Bench) -> None:
    run = await bench.solve(bench.new(**QUICK))
    assert not list((run.folder / "candidates").glob("*/full-*"))


def measured(context: Context, number: int, score: float, seconds: float, members: Sequence[int] = ()) -> None:
    """A candidate as a search leaves it: so good, and so long a fold."""
    operator, track = (Operator.ENSEMBLE, 0) if members else (Operator.DRAFT, 1)
    action = Action(id=f"{track}.{number:04d}", track=track, operator=operator)
    candidate = Candidate(
        number=number, action=action.id, track=track, operator=operator, title="t", digest=str(number), parents=tuple(members)
    )
    folds = [FoldResult(fold=fold, status=Status.OK, score=score, seconds=seconds) for fold in range(context.views.folds)]
    context.run.append(Decided(actions=(action,)))
    context.run.append(Proposed(action=action.id, candidates=(candidate,)))
    context.run.append(Evaluated(candidate=number, evaluation=summarise("search", folds)))


LONGER = 6**1.3


@pytest.fixture
def large(bench: Bench) -> Context:
    """2 folds of 50 training rows; 300 in all, six times as many: a refit takes 10.3 times as long as a fold."""
    bench.rows, bench.search_rows, bench.folds = 300, 100, 2
    return bench.context(bench.new(seconds=100.0), clock=Clock(100.0))


def test_time_is_kept_for_the_best_so_far(large: Context) -> None:
    assert growth_of(large.views, "full") == 6.0
    before = large.clock.seconds_in_all(1), large.clock.seconds_in_all(0)
    keep_time(large)
    assert (large.clock.seconds_in_all(1), large.clock.seconds_in_all(0)) == before == (pytest.approx(80.0), pytest.approx(93.0))
    measured(large, 1001, 2.0, seconds=3.0)
    keep_time(large)
    assert large.clock.seconds_in_all(0) == pytest.approx(100 - 1.3 * 3 * LONGER)
    assert large.clock.seconds_in_all(1) == pytest.approx(100 - 1.3 * 3 * LONGER - 13)
    measured(large, 1002, 3.0, seconds=0.1)
    keep_time(large)
    assert large.clock.kept == pytest.approx(1.3 * 3 * LONGER), "the worse one is not the answer"
    measured(large, 1003, 1.0, seconds=10.0)
    keep_time(large)
    assert large.clock.kept == 0.0, "it would take more than six tenths of the run"


def test_nothing_is_kept_for_what_would_come_too_late(large: Context, bench: Bench) -> None:
    measured(large, 1001, 2.0, seconds=3.0)
    late = bench.context(large.run, clock=Clock(100.0, used=61.0))
    keep_time(late)
    assert late.clock.kept == 0.0, "40 s are wanted, 39 are left"


async def test_a_run_that_is_taken_up_keeps_time_as_before(large: Context, bench: Bench) -> None:
    measured(large, 1001, 2.0, seconds=3.0)
    again = bench.context(large.run, clock=Clock(100.0))
    await retrieve({"track": 0}, Runtime(context=again))  # type: ignore[typeddict-item]
    assert again.clock.kept == pytest.approx(1.3 * 3 * LONGER)


def test_nothing_is_kept_where_folds_see_all_rows(bench: Bench) -> None:
    context = bench.context(bench.new(seconds=100.0), clock=Clock(100.0))
    measured(context, 1001, 2.0, seconds=3.0)
    keep_time(context)
    assert context.clock.kept == 0.0


def test_members_are_trained_side_by_side(large: Context) -> None:
    for number, seconds in ((1001, 3.0), (1002, 2.0), (1003, 2.0)):
        measured(large, number, 2.0, seconds)
    measured(large, 1, 1.0, 0.1, members=[1001, 1002, 1003])
    ensemble = large.run.tree().node(1)
    assert refit_seconds(large, ensemble) == pytest.approx(7 * LONGER)
    large.at_once = 2
    assert refit_seconds(large, ensemble) == pytest.approx(3.5 * LONGER)


@pytest.mark.parametrize(("used", "chosen"), [(2.0, 1), (40.0, 1002), (75.0, 1001), (95.0, 1)])
def test_an_ensemble_without_time_gives_way_to_its_best_member_with_time(large: Context, bench: Bench, used: float, chosen: int) -> None:
    """The refit takes 72 s, those of its members 10, 41 and 21; each wants a fifth as much again."""
    run: Run = large.run
    for number, score, seconds in ((1001, 3.0, 1.0), (1002, 2.0, 4.0), (1003, 4.0, 2.0)):
        measured(large, number, score, seconds)
    measured(large, 1, 1.0, 0.1, members=[1001, 1002, 1003])
    late = bench.context(run, clock=Clock(100.0, used=used))
    assert affordable(late, run.tree().node(1)).number == chosen


def test_for_an_ensemble_without_time_that_of_its_best_member_with_time_is_kept(large: Context, bench: Bench) -> None:
    for number, score, seconds in ((1001, 3.0, 1.0), (1002, 2.0, 4.0), (1003, 4.0, 2.0)):
        measured(large, number, score, seconds)
    measured(large, 1, 1.0, 0.1, members=[1001, 1002, 1003])
    for used, seconds in ((30.0, 4.0), (50.0, 1.0), (90.0, 0.0)):
        late = bench.context(large.run, clock=Clock(100.0, used=used))
        keep_time(late)
        assert late.clock.kept == pytest.approx(1.3 * seconds * LONGER), "70, 50, 10 s are left; the whole would want 94"


@pytest.mark.parametrize(("search_rows", "used", "chosen"), [(19, 101.0, 1002), (19, 98.0, 1002), (19, 96.0, 1), (100, 101.0, 1)])
def test_without_any_time_the_best_that_was_run_for_the_test_rows_is_handed_in(
    bench: Bench, search_rows: int, used: float, chosen: int
) -> None:
    """20 test rows: they do not travel with a subsample of 19, so that what is handed in is run for them by itself."""
    bench.rows, bench.search_rows, bench.folds = 300, search_rows, 2
    context = bench.context(bench.new(seconds=100.0), clock=Clock(100.0, used=used))
    for number, score in ((1001, 2.0), (1002, 3.0), (1003, 4.0)):
        measured(context, number, score, seconds=1.0)
    measured(context, 1, 1.0, 0.1, members=[1001, 1002])
    for number in (1003, 1002):
        context.run.append(Executed(candidate=number, fidelity="search", result=FoldResult(fold=None, status=Status.OK, seconds=1.0)))
    assert in_place(context, context.run.tree().node(1)).number == chosen
