"""What cannot end in the time that is left is not begun; a resumed run holds to it, one with more time takes it up."""

import pytest
from langgraph.graph import END
from langgraph.runtime import Runtime

from journal import (
    Action,
    Candidate,
    Decided,
    Evaluated,
    Evaluation,
    FoldResult,
    Operator,
    Postponed,
    Proposed,
    Run,
    Started,
    Status,
)
from nodes import Clock
from nodes.context import Context, pending_candidates
from nodes.decide import dispatch
from nodes.evaluate import postpone
from tests.nodes.conftest import Bench

SECONDS, BUDGET = 30.0, 100.0
TRACK = {"track": 1}


def propose(run: Run, number: int, operator: Operator, *parents: int) -> None:
    action = Action(id=f"1.{number:04d}", track=1, operator=operator, parents=parents)
    candidate = Candidate(
        number=1000 + number, action=action.id, track=1, operator=operator, parents=parents, title="t", digest=str(number)
    )
    run.append(Decided(actions=(action,)))
    run.append(Proposed(action=action.id, candidates=(candidate,)))


def measure(run: Run, number: int) -> None:
    folds = tuple(FoldResult(fold=fold, status=Status.OK, score=1.0, seconds=SECONDS) for fold in range(2))
    run.append(Evaluated(candidate=1000 + number, evaluation=Evaluation(fidelity="search", folds=folds, status=Status.OK, score=1.0)))


@pytest.fixture
def run(bench: Bench) -> Run:
    """A draft that took 30 s a fold, and a refinement of it that is to be evaluated."""
    run = bench.new(tracks=1, seconds=BUDGET)
    propose(run, 1, Operator.DRAFT)
    measure(run, 1)
    propose(run, 2, Operator.REFINE, 1001)
    return run


def context(bench: Bench, run: Run, used: float, at_once: int = 2) -> Context:
    """Tracks have 80 of the 100 seconds."""
    made = bench.context(run, clock=Clock(run.settings.seconds, used=used))
    made.at_once = at_once
    return made


def numbers(run: Run) -> list[int]:
    return [candidate.number for candidate in pending_candidates(run, 1)]


async def test_what_does_not_fit_is_recorded_with_the_reason_and_ends_the_track(bench: Bench, run: Run) -> None:
    late = context(bench, run, used=62.0)
    postpone(late, 1)
    (entry,) = run.entries(Postponed)
    assert (entry.candidate, entry.expected, entry.budget) == (1002, SECONDS, BUDGET)
    assert 0 < entry.left <= 18.0
    assert numbers(run) == []
    assert dispatch(TRACK, Runtime(context=late)) == END  # type: ignore[arg-type]


async def test_what_may_fit_is_begun(bench: Bench, run: Run) -> None:
    postpone(context(bench, run, used=45.0), 1)
    assert list(run.entries(Postponed)) == []
    assert numbers(run) == [1002]
    assert dispatch(TRACK, Runtime(context=context(bench, run, used=45.0))) == "evaluate"  # type: ignore[arg-type]


async def test_on_one_slot_the_folds_take_their_turns(bench: Bench, run: Run) -> None:
    postpone(context(bench, run, used=45.0, at_once=1), 1)
    assert [entry.expected for entry in run.entries(Postponed)] == [2 * SECONDS]


async def test_a_merge_takes_as_long_as_both_and_a_draft_is_tried(bench: Bench, run: Run) -> None:
    measure(run, 2)
    propose(run, 3, Operator.MERGE, 1001, 1002)
    propose(run, 4, Operator.DRAFT)
    postpone(context(bench, run, used=45.0), 1)
    assert [(entry.candidate, entry.expected) for entry in run.entries(Postponed)] == [(1003, 2 * SECONDS)]
    assert numbers(run) == [1004]  # it goes on; after it the track ends
    assert dispatch(TRACK, Runtime(context=context(bench, run, used=45.0))) == "evaluate"  # type: ignore[arg-type]


async def test_a_resumed_run_holds_to_it_and_more_time_takes_it_up(bench: Bench, run: Run) -> None:
    postpone(context(bench, run, used=62.0), 1)
    again = Run(run.folder)
    early = context(bench, again, used=0.0)
    assert numbers(again) == [] and early.out_of_time(1)
    run.append(Started(settings=run.settings.model_copy(update={"seconds": 2 * BUDGET}), resumed=True))
    assert numbers(run) == [1002]
    assert not context(bench, run, used=62.0).out_of_time(1)


async def test_without_a_bound_of_time_everything_is_begun(bench: Bench) -> None:
    run = bench.new(tracks=1)
    propose(run, 1, Operator.DRAFT)
    measure(run, 1)
    propose(run, 2, Operator.REFINE, 1001)
    postpone(context(bench, run, used=1e6), 1)
    assert numbers(run) == [1002]
