import json
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journal import Asked, Executed, Finished, FoldResult, Operator, Run, Status
from reports import best_path, block_effects, competition_of, operator_outcomes, plan_outcomes, report_html, standing, summarise
from reports.advice import advice
from reports.failures import caps, repairs
from reports.folds import paired


def entries(run: Run, kind: str) -> list[dict[str, Any]]:
    """Records of the journal's file itself, read without the package."""
    lines = (json.loads(line)["entry"] for line in (run.folder / "journal.jsonl").read_text().splitlines())
    return [entry for entry in lines if entry["kind"] == kind]


def test_the_summarys_numbers_are_the_journals(whole_run: Run) -> None:
    evaluated = {entry["candidate"]: entry["evaluation"] for entry in entries(whole_run, "evaluated")}
    (finished,) = entries(whole_run, "finished")
    summary = summarise(whole_run)
    assert (summary.chosen, summary.score, summary.grade) == (finished["chosen"], finished["score"], finished["grade"])
    folds = [fold["score"] for fold in evaluated[finished["chosen"]]["folds"]]
    assert summary.score == pytest.approx(fmean(folds))
    assert summary.standard_error == pytest.approx(stdev(folds) / sqrt(len(folds)))
    assert summary.gain == pytest.approx(finished["first_score"] - finished["score"])
    assert summary.valid == sum(each["status"] == "ok" for each in evaluated.values())
    assert summary.executions == len(entries(whole_run, "executed"))


def test_the_blocks_effects_are_the_largest_of_the_journals_studies(whole_run: Run) -> None:
    rows = [(entry["study"]["number"], row) for entry in entries(whole_run, "studied") for row in entry["study"]["rows"]]
    effects = block_effects(whole_run)
    assert [effect.block for effect in effects] == ["features", "model", "blend"]
    for effect in effects:
        same = [row for _, row in rows if row["block"] == effect.block]
        assert abs(effect.delta) == max(abs(row["delta"]) for row in same)
        assert effect.studies == len(same)
    assert effects[0].attempts == 4
    assert effects[0].gained == pytest.approx(0.057)
    assert effects[1].gained is None


def test_every_plans_gain_is_over_its_best_parent(whole_run: Run) -> None:
    made = {each["number"]: each for entry in entries(whole_run, "proposed") for each in entry["candidates"]}
    scores = {entry["candidate"]: entry["evaluation"]["score"] for entry in entries(whole_run, "evaluated")}
    outcomes = plan_outcomes(whole_run)
    assert {outcome.candidate for outcome in outcomes} == {
        number for number, each in made.items() if each["operator"] in ("merge", "refine", "ensemble")
    }
    for outcome in outcomes:
        parents = [scores[number] for number in made[outcome.candidate]["parents"] if scores[number] is not None]
        expected = None if scores[outcome.candidate] is None else min(parents) - scores[outcome.candidate]
        assert outcome.gain == (None if expected is None else pytest.approx(expected))
    gains = [outcome.gain for outcome in outcomes if outcome.gain is not None]
    assert gains == sorted(gains, reverse=True)


def test_kinds_of_steps_are_counted(whole_run: Run) -> None:
    counts = {each.operator: (each.tried, each.valid, each.better) for each in operator_outcomes(whole_run)}
    assert counts["refine"] == (4, 2, 2)
    assert counts["draft"] == (6, 4, 0)
    assert counts["ensemble"] == (2, 2, 2)


def test_the_way_to_the_answer_leads_over_the_best_member(whole_run: Run) -> None:
    assert [node.number for node in best_path(whole_run.tree(), 2)] == [1001, 1005, 1009, 2]


def test_candidates_are_compared_on_the_folds_that_both_have(new_run: Callable) -> None:
    maker = new_run()
    first = maker.candidate(Operator.DRAFT, "a", 0.5)
    second = maker.candidate(Operator.DRAFT, "b", 0.7)
    broken = maker.candidate(Operator.DRAFT, "c", None, status=Status.CRASHED)
    one, two, three = map(maker.run.tree().node, (first, second, broken))
    pair = paired(one, two, greater_is_better=False)
    assert (pair.folds, pair.wins) == (3, 3)
    assert pair.delta == pytest.approx(0.2)
    assert pair.standard_error == pytest.approx(0.0, abs=1e-12)
    assert paired(one, two, greater_is_better=True).delta == pytest.approx(-0.2)
    assert paired(one, three, greater_is_better=False).delta is None


def test_the_cost_is_summed_from_the_models_calls_by_role(whole_run: Run) -> None:
    whole_run.open_for_writing()
    whole_run.append(Asked(number=1, agent="init", role="coder", model="a:b", prompt_tokens=100, answer_tokens=20, cost=0.25, seconds=3.0))
    whole_run.append(Asked(number=2, agent="target", role="planner", model="a:b", prompt_tokens=110, answer_tokens=10, cost=0.5))
    whole_run.append(Asked(number=3, agent="coder", role="coder", model="a:b", prompt_tokens=1, cost=0.25, seconds=2.0, useful=False))
    summary = summarise(whole_run)
    assert (summary.calls, summary.tokens, summary.cost) == (3, 241, 1.0)
    coder, planner = summary.roles
    assert (coder.role, coder.calls, coder.useful, coder.prompt_tokens, coder.answer_tokens) == ("coder", 2, 1, 101, 20)
    assert (coder.cost, coder.seconds, planner.cost) == (0.5, 5.0, 0.5)


def test_one_call_of_unknown_price_makes_the_cost_of_its_role_and_of_the_run_unknown(whole_run: Run) -> None:
    whole_run.open_for_writing()
    whole_run.append(Asked(number=1, agent="init", role="coder", model="a:b", prompt_tokens=1, cost=0.25))
    whole_run.append(Asked(number=2, agent="leakage", role="judge", model="c:d", prompt_tokens=1, cost=None))
    summary = summarise(whole_run)
    assert summary.cost is None
    assert [(each.role, each.cost) for each in summary.roles] == [("coder", 0.25), ("judge", None)]
    page = report_html(whole_run)
    assert "<td>unknown</td>" in page and "<td>$0.2500</td>" in page


def test_limits_that_were_hit_are_named(new_run: Callable) -> None:
    maker = new_run()
    maker.candidate(Operator.DRAFT, "slow", None, status=Status.TIMED_OUT)
    maker.run.append(Executed(candidate=1, fidelity="search", result=FoldResult(fold=0, status=Status.OUT_OF_MEMORY)))
    maker.run.append(Finished(chosen=None, score=None, reason="time"))
    said = " ".join(caps(maker.run))
    assert "1 execution was stopped at the time limit of 10 min" in said
    assert "1 execution was stopped at the memory limit of 8.0 GiB" in said
    assert "time limit of 1 h" in said


def test_repairs_name_what_they_repaired(whole_run: Run) -> None:
    assert [(each.broken, each.node.number) for each in repairs(whole_run.tree())] == [(1003, 1004), (2003, 2004)]


@pytest.mark.parametrize(
    ("reason", "command"),
    [("time", "mlestar resume 2026-01-31-a --time +30m"), ("search complete", "mlestar run bike --seed 2 --tracks 3")],
)
def test_what_to_do_next_follows_from_why_it_ended(whole_run: Run, reason: str, command: str) -> None:
    summary = summarise(whole_run).model_copy(update={"reason": reason})
    assert command in [each.command for each in advice(whole_run, summary)]


def test_an_interrupted_run_is_to_be_taken_up_again(new_run: Callable) -> None:
    maker = new_run()
    maker.candidate(Operator.DRAFT, "a", 0.5)
    maker.run.close()
    assert advice(maker.run, summarise(maker.run))[0].command == "mlestar resume 2026-01-31-a"


def test_rank_and_medal_follow_the_leaderboard(whole_run: Run, tmp_path: Path) -> None:
    from competitions import load_competition, make_example

    competition = load_competition(make_example("diabetes", tmp_path))
    assert standing(whole_run, competition) is None  # no leaderboard
    board = tmp_path / "board.csv"
    board.write_text("score\n" + "\n".join(f"{0.30 + position / 100:.2f}" for position in range(50)) + "\n")
    found = standing(whole_run, competition.model_copy(update={"leaderboard": board}))
    assert found is not None  # the grade is 0.4011, lower is better: 0.30 … 0.40 are better
    assert (found.rank, found.teams, found.medal, found.above_median) == (12, 50, "bronze", True)
    assert competition_of(whole_run) is None  # the folder "bike" does not exist


def test_members_that_predict_alike_are_seen(whole_run: Run, tmp_path: Path) -> None:
    from competitions import Predictions, load_competition, make_example
    from evaluation import PREDICTIONS, execution_name, save_predictions
    from reports.ensembling import member_correlations, members

    competition = load_competition(make_example("diabetes", tmp_path))
    target = competition.prediction_columns[0]
    made_of = members(whole_run.tree())
    assert [node.number for node in made_of] == [1009, 2009]
    assert member_correlations(whole_run, made_of, competition) is None  # their predictions are gone
    rng = np.random.default_rng(0)
    values = {number: rng.normal(size=(3, 40)) for number in (1009, 2009)}
    for number, folds in values.items():
        for fold, predicted in enumerate(folds):
            folder = whole_run.candidate_folder(number) / execution_name("search", fold)
            folder.mkdir()
            rows = pd.DataFrame({target: predicted}, index=range(40 * fold, 40 * fold + 40))
            save_predictions(Predictions(rows, rows[:0]), folder / PREDICTIONS)
    matrix = member_correlations(whole_run, made_of, competition)
    assert matrix is not None
    expected = np.corrcoef(values[1009].ravel(), values[2009].ravel())[0, 1]
    assert matrix.loc[1009, 2009] == pytest.approx(expected)
