"""Contenders compared, on runs whose numbers are written down here; and the grades' own fields."""

import json
from pathlib import Path
from typing import Any

import pytest

from competitions import Grade, grade_submission, load_competition, make_example
from reports.benchmark.compare import Comparison, Scale, compare
from reports.benchmark.grades import grading_report, rank_share, submissions_jsonl
from reports.benchmark.measure import Measured
from reports.benchmark.tables import Names, to_csv

MLEBENCH_FIELDS = {
    "competition_id",
    "score",
    "gold_threshold",
    "silver_threshold",
    "bronze_threshold",
    "median_threshold",
    "any_medal",
    "gold_medal",
    "silver_medal",
    "bronze_medal",
    "above_median",
    "submission_exists",
    "valid_submission",
    "is_lower_better",
    "created_at",
    "submission_path",
}


def run(competition: str, policy: str, seed: int, test: float | None, **more: Any) -> Measured:
    fields: dict[str, Any] = {
        "competition": competition,
        "policy": policy,
        "engineer": "recipes",
        "budget": "2m",
        "seed": seed,
        "run_id": f"{competition}-{policy}-{seed}",
        "state": "finished" if test is not None else "no_solution",
        "metric": "accuracy",
        "valid": test is not None,
        "test": test,
    }
    return Measured(**(fields | more))


RUNS = [
    run("a", "one", 1, 0.8, gap=0.1, oracle_gain=0.05, rank_share=0.9, medal="gold", seconds=100, validation=0.9),
    run("a", "one", 2, 0.7, gap=-0.1, oracle_gain=0.0, rank_share=0.5, seconds=120, validation=0.6),
    run("a", "two", 1, 0.6, rank_share=0.4),
    run("a", "two", 2, None, rank_share=0.0),
    run("b", "one", 1, 10.0, greater_is_better=False, metric="rmse"),
    run("b", "one", 2, 30.0, greater_is_better=False, metric="rmse"),
    run("b", "two", 1, 10.0, greater_is_better=False, metric="rmse"),
    run("b", "two", 2, 20.0, greater_is_better=False, metric="rmse"),
    run("a", "one", 3, None, state="not begun", valid=False),
    run("a", "two", 3, 0.99, state="interrupted"),
]


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return compare(RUNS)


def test_scores_are_normalised_over_the_finished_runs_of_a_competition() -> None:
    """a: 0.6 … 0.8; b: 30 … 10, lower is better. An invalid run is 0; what is not finished counts for nothing."""
    scale = Scale(RUNS[:8])
    assert [scale.of(each) for each in RUNS[:8]] == pytest.approx([1.0, 0.5, 0.0, 0.0, 1.0, 0.0, 1.0, 0.5])


def test_over_all_competitions(compared: Comparison) -> None:
    one, two = compared.overall
    assert (one.contender[0], one.runs, one.valid, two.runs, two.valid) == ("one", 4, 4, 4, 3)
    assert one.iqm.value == pytest.approx((0.5 + 1.0) / 2)  # of 0, 0.5, 1, 1
    assert two.iqm.value == pytest.approx((0.0 + 0.5) / 2)  # of 0, 0, 0.5, 1
    assert one.medals is not None and (one.medals.value, one.medals.low < 0.5 < one.medals.high) == (0.5, True)  # 1 of the 2 on a
    assert two.medals is not None and two.medals.value == 0.0
    assert one.rank_share is not None and one.rank_share.value == pytest.approx(0.7)
    assert one.gap == pytest.approx(0.0)
    assert one.oracle_gain == pytest.approx(0.025 / 0.2)


def test_on_each_competition_in_its_own_units(compared: Comparison) -> None:
    rows = {(row.competition, row.contender[0]): row for row in compared.competitions}
    assert (rows["a", "one"].test, rows["a", "one"].test_low, rows["a", "one"].test_high) == pytest.approx((0.75, 0.7, 0.8))
    assert (rows["b", "one"].test, rows["b", "one"].test_low, rows["b", "one"].test_high) == pytest.approx((20.0, 30.0, 10.0))
    assert rows["a", "one"].medals == ("gold",)
    assert (rows["a", "two"].valid, rows["a", "two"].runs) == (1, 2)


def test_pairs_are_matched_by_competition_and_seed(compared: Comparison) -> None:
    """a1: 0.8 > 0.6; a2: 0.7 > invalid; b1: a tie; b2: 30 is worse than 20. P: a 1.0 (4 of 4); b (.5 + 1 + 0 + 0) / 4."""
    (pair,) = compared.pairs
    assert (pair.wins, pair.ties, pair.losses) == (2, 1, 1)
    assert pair.probability.value == pytest.approx((1.0 + 0.375) / 2)


def test_profiles_of_normalised_scores(compared: Comparison) -> None:
    one, _ = compared.profiles
    assert one.share[0] == pytest.approx((1.0 + 0.5) / 2)  # above 0: both on a, one of two on b
    assert one.share[-1] == 0.0


def test_nothing_finished_compares_nothing() -> None:
    found = compare(RUNS[8:])
    assert not found.overall and not found.pairs and not found.profiles


def test_contenders_are_named_by_what_tells_them_apart() -> None:
    assert Names([("greedy", "recipes", "2m"), ("mcts", "recipes", "2m")]).of(("mcts", "recipes", "2m")) == "mcts"
    assert Names([("greedy", "recipes", "2m"), ("greedy", "gpt", "1h")]).of(("greedy", "gpt", "1h")) == "gpt · 1h"
    assert Names([("greedy", "recipes", "2m")]).of(("greedy", "recipes", "2m")) == "greedy"


def test_tables_as_csv_have_a_column_for_each_number(compared: Comparison) -> None:
    lines = to_csv(compared.pairs).splitlines()
    assert lines[0].startswith("first_policy,first_engineer,first_budget,second_policy")
    assert lines[0].endswith("wins,ties,losses,probability,probability_low,probability_high")
    assert len(lines) == 2


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_example("wine-recognition", tmp_path_factory.mktemp("competitions"))


def test_rank_share_counts_the_teams_ahead(wine: Path, tmp_path: Path) -> None:
    """Log loss, lower is better. Of five teams two are ahead of 0.3, and the one that has it is not: 1 - 2/5."""
    board = tmp_path / "leaderboard.csv"
    board.write_text("rank,score\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n5,0.5\n")
    competition = load_competition(wine).model_copy(update={"leaderboard": board})
    assert [rank_share(competition, score) for score in (0.3, 0.05, 0.9, None)] == pytest.approx([0.6, 1.0, 0.0, 0.0])
    assert rank_share(load_competition(wine), 0.3) is None


def test_reports_have_mle_benchs_fields_and_totals(wine: Path, tmp_path: Path) -> None:
    competition = load_competition(wine)
    missing = grade_submission(competition, tmp_path / "none.csv")
    medal = missing.model_copy(update={"submission_exists": True, "valid_submission": True, "any_medal": True, "silver_medal": True})
    report = json.loads(json.dumps(grading_report([missing, medal, medal])))
    assert set(report["competition_reports"][0]) >= MLEBENCH_FIELDS
    assert report["total_runs"] == 3
    assert report["total_runs_with_submissions"] == report["total_valid_submissions"] == report["total_medals"] == 2
    assert (report["total_gold_medals"], report["total_silver_medals"], report["total_bronze_medals"]) == (0, 2, 0)
    assert Grade(**report["competition_reports"][1]) == medal


def test_submissions_for_mle_bench_are_lines_of_id_and_path(tmp_path: Path) -> None:
    (line,) = submissions_jsonl([("titanic", tmp_path / "submission.csv")]).splitlines()
    assert json.loads(line) == {"competition_id": "titanic", "submission_path": str(tmp_path / "submission.csv")}
