"""Failure statistics, read off a journal that is written here."""

from pathlib import Path

import pytest

from journal import Action, Asked, Operator, Run
from reports.benchmark.troubles import first_valid_seconds, improvements, troubles
from tests.mlestar.runs import begin, evaluate


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """RMSE: a draft of 2.0; one that breaks, is repaired in vain, then well (1.9); an improvement to 1.5; one that breaks for good."""
    made = begin(tmp_path)
    evaluate(made, Action(id="1.0001", track=1, operator=Operator.DRAFT, card=0), 1001, None, "a", "ValueError: no")
    evaluate(made, Action(id="1.0002", track=1, operator=Operator.DRAFT, card=1), 1002, 2.0, "b")
    made.append(Asked(number=1, agent="debugger", action="1.0003", cost=0.02))
    evaluate(made, Action(id="1.0003", track=1, operator=Operator.DEBUG, parents=(1001,)), 1003, None, "a", "KeyError: 'x'", (1001,))
    evaluate(made, Action(id="1.0004", track=1, operator=Operator.DEBUG, parents=(1003,)), 1004, 1.9, "a", parents=(1003,))
    made.append(Asked(number=2, agent="coder", action="1.0005", cost=0.1))
    evaluate(made, Action(id="1.0005", track=1, operator=Operator.IMPROVE, parents=(1004,)), 1005, 1.5, "c", parents=(1004,))
    evaluate(made, Action(id="1.0006", track=1, operator=Operator.IMPROVE, parents=(1005,)), 1006, None, "d", "ValueError: no", (1005,))
    evaluate(made, Action(id="1.0007", track=1, operator=Operator.IMPROVE, parents=(1005,)), 1007, 1.6, "e", parents=(1005,))
    made.close()
    return made


def test_errors_by_kind(run: Run) -> None:
    first, second = troubles([run, run]).errors
    assert (first.kind, first.candidates, first.runs, first.repaired) == ("ValueError", 4, 2, 0)
    assert (second.kind, second.candidates, second.runs, second.repaired) == ("KeyError", 2, 2, 2)


def test_repairs_by_attempt_and_by_chain(run: Run) -> None:
    """Two attempts, the second ran; of the two candidates that broke by themselves, one was mended by a chain."""
    found = troubles([run]).repairs
    assert (found.attempts, found.ran, found.broken, found.mended) == (2, 1, 2, 1)


def test_rises_of_the_best_score_belong_to_the_operator_that_brought_them(run: Run) -> None:
    """From 2.0 to 1.9, then to 1.5, as shares of 2.0."""
    assert improvements(run) == [("debug", pytest.approx(0.05)), ("improve", pytest.approx(0.2))]


def test_yields_by_second_and_by_dollar(run: Run) -> None:
    """Each candidate took two folds of 0.5 s."""
    yields = {each.operator: each for each in troubles([run]).yields}
    improve = yields["improve"]
    assert (improve.candidates, improve.valid, improve.improvements) == (3, 2, 1)
    assert (improve.seconds, improve.cost) == (3.0, 0.1)
    assert improve.per_hour == pytest.approx(0.2 / 3 * 3600)
    assert improve.per_dollar == pytest.approx(2.0)
    assert yields["debug"].cost == 0.02
    assert yields["draft"].per_dollar is None


def test_a_call_without_a_price_makes_the_yield_by_dollar_unknown(run: Run) -> None:
    run.open_for_writing()
    run.append(Asked(number=3, agent="coder", action="1.0007", cost=None))
    run.close()
    improve = {each.operator: each for each in troubles([run]).yields}["improve"]
    assert improve.cost is None and improve.per_dollar is None


def test_the_first_valid_submission_is_that_of_the_first_valid_candidate(run: Run, tmp_path: Path) -> None:
    begun, first = (
        run.lines[0].time,
        next(line.time for line in run.lines if getattr(line.entry, "candidate", None) == 1002 and line.entry.kind == "evaluated"),
    )
    assert first_valid_seconds(run) == pytest.approx(first - begun, abs=1e-6)
    nothing = begin(tmp_path, "nothing")
    assert first_valid_seconds(nothing) is None
    assert troubles([nothing, run]).first_valid == (first_valid_seconds(run),)
