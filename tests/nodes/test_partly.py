"""A run whose time ends before anything was measured on all folds."""

import pandas as pd
import pytest
from langgraph.runtime import Runtime

from journal import Action, Candidate, Decided, Executed, FoldResult, Operator, Proposed, Run, Solution, Status
from nodes import Clock
from nodes.submit import submit
from reports import write_report
from reports.summary import summarise
from tests.nodes.conftest import Bench
from tests.nodes.toy import script

GOOD, BETTER = script(a=1.0), script(a=1.0, b=1.0)


def propose(run: Run, number: int, code: str) -> Candidate:
    """A draft with its script, as the draft operator leaves it."""
    action = Action(id=f"1.{number:04d}", track=1, operator=Operator.DRAFT)
    candidate = Candidate(number=1000 + number, action=action.id, track=1, operator=Operator.DRAFT, title="t", digest=str(number))
    folder = run.candidate_folder(candidate.number)
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text(str(Solution.parse(code)))
    run.append(Decided(actions=(action,)))
    run.append(Proposed(action=action.id, candidates=(candidate,)))
    return candidate


@pytest.mark.parametrize("used", [85.0, 99.9])
async def test_what_ran_on_some_folds_is_handed_in(bench: Bench, used: float) -> None:
    bench.folds = 3
    run = bench.new(tracks=1, seconds=100.0)
    context = bench.context(run, clock=Clock(100.0, used=used))
    for number, code, folds in ((1, GOOD, [0]), (2, BETTER, [0, 1]), (3, GOOD, [0, 1])):
        await context.evaluate(propose(run, number, code), context.views, "search", folds)
    await submit({"track": 0}, Runtime(context=context))  # type: ignore[typeddict-item]
    assert run.finished is not None
    late = "; there was no time to train on all rows" if used > 90 else ""
    assert run.finished.chosen == 1002
    assert run.finished.reason == f"time; nothing was measured on all 3 folds: the answer was on 2{late}"
    submission, sample = (
        pd.read_csv(path) for path in (run.folder / "final" / "submission.csv", bench.folder / "toy" / "sample_submission.csv")
    )
    assert submission["id"].tolist() == sample["id"].tolist()
    assert (run.candidate_folder(1002) / "full-final").is_dir() == (used < 90)
    assert (run.folder / "final" / "solution.py").is_file()
    assert summarise(run).chosen == 1002
    write_report(run, run.folder / "report.html")
    assert "1002" in (run.folder / "report.html").read_text()


async def test_what_failed_on_a_fold_is_not(bench: Bench) -> None:
    run = bench.new(tracks=1, seconds=100.0)
    failed = propose(run, 1, "raise SystemExit(1)")
    run.append(Executed(candidate=failed.number, fidelity="search", result=FoldResult(fold=0, status=Status.CRASHED)))
    context = bench.context(run, clock=Clock(100.0, used=85.0))
    await submit({"track": 0}, Runtime(context=context))  # type: ignore[typeddict-item]
    assert run.finished is not None
    assert (run.finished.chosen, run.finished.reason) == (None, "no valid solution; time")
