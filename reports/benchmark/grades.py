"""Grades of a benchmark's submissions, put together."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from competitions import Competition, Grade

TOTALS = {
    "total_runs_with_submissions": "submission_exists",
    "total_valid_submissions": "valid_submission",
    "total_medals": "any_medal",
    "total_gold_medals": "gold_medal",
    "total_silver_medals": "silver_medal",
    "total_bronze_medals": "bronze_medal",
    "total_above_median": "above_median",
}


def rank_share(competition: Competition, score: float | None) -> float | None:
    """HumanRank: the share of the leaderboard's teams that are not ahead, 1 - (rank - 1) / teams, 0..1; equal scores are not ahead.

    0 without a valid score; none without a leaderboard.
    """
    if competition.leaderboard is None:
        return None
    if score is None:
        return 0.0
    from competitions import metric_of

    scores = pd.read_csv(competition.leaderboard)["score"].to_numpy(float)
    ahead = scores > score if metric_of(competition).greater_is_better else scores < score
    return float(1 - ahead.mean())


def grading_report(grades: Iterable[Grade]) -> dict[str, Any]:
    """MLE-bench's aggregated report, field by field, so that its tools read it."""
    all_of_them = list(grades)
    totals = {name: sum(getattr(each, field) for each in all_of_them) for name, field in TOTALS.items()}
    return {"total_runs": len(all_of_them), **totals, "competition_reports": [each.model_dump(mode="json") for each in all_of_them]}


def submissions_jsonl(submissions: Iterable[tuple[str, Path]]) -> str:
    """What `mlebench grade --submission` takes: (competition id, submission) a line."""
    lines = ({"competition_id": competition, "submission_path": str(path.absolute())} for competition, path in submissions)
    return "".join(json.dumps(line) + "\n" for line in lines)
