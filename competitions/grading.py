"""Grading against private answers, with MLE-bench's report and its medal rule. Nothing else reads the answers."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field

from competitions.errors import CompetitionError
from competitions.metrics import metric_of
from competitions.model import Competition, Model
from competitions.sources import read_role
from competitions.submission import InvalidSubmission, read_submission
from competitions.tables import TableError, read_table

DIGITS = 5


class Grade(Model):
    """The fields of MLE-bench's report, and why there is no score."""

    competition_id: str
    score: float | None = Field(None, description="rounded to 5 digits; none: the submission is invalid")
    gold_threshold: float | None = None
    silver_threshold: float | None = None
    bronze_threshold: float | None = None
    median_threshold: float | None = None
    any_medal: bool = False
    gold_medal: bool = False
    silver_medal: bool = False
    bronze_medal: bool = False
    above_median: bool = False
    submission_exists: bool
    valid_submission: bool = False
    is_lower_better: bool
    error: str | None = None
    created_at: str
    submission_path: str


def grade(competition: Competition, submission: Path) -> Grade:
    """Score a submission against `competition.answers`; without a leaderboard there are no thresholds and no medals.

    Raises:
        CompetitionError: the competition has no answers, or they do not fit the sample submission.
    """
    competition = competition.model_copy(update={"pixels": None})  # each pixel is a row of its own here
    ids, actual = read_answers(competition)
    lower = not metric_of(competition).greater_is_better
    exists = submission.is_file() and submission.suffix.lower() == ".csv"
    score, error = _score(competition, ids, actual, submission) if exists else (None, None)
    limits = medal_thresholds(competition.leaderboard)

    def reaches(level: str) -> bool:
        limit = limits.get(level)
        return score is not None and limit is not None and (score <= limit if lower else score >= limit)

    gold, silver, bronze = reaches("gold"), reaches("silver"), reaches("bronze")
    return Grade(
        competition_id=competition.id,
        score=score,
        gold_threshold=limits.get("gold"),
        silver_threshold=limits.get("silver"),
        bronze_threshold=limits.get("bronze"),
        median_threshold=limits.get("median"),
        any_medal=gold or silver or bronze,
        gold_medal=gold,
        silver_medal=silver and not gold,
        bronze_medal=bronze and not silver and not gold,
        above_median=reaches("median") and score != limits["median"],
        submission_exists=exists,
        valid_submission=score is not None,
        is_lower_better=lower,
        error=error,
        created_at=datetime.now().isoformat(),
        submission_path=str(submission),
    )


def medal_thresholds(leaderboard: Path | None) -> dict[str, float]:
    """Scores that win a medal or reach the median, by Kaggle's rule on the number of teams; the file is sorted best first."""
    if leaderboard is None:
        return {}
    scores = pd.read_csv(leaderboard)["score"]
    teams = len(scores)
    if teams < 100:
        ranks = [max(1, int(teams * share)) for share in (0.1, 0.2, 0.4)]
    elif teams < 250:
        ranks = [10, int(teams * 0.2), int(teams * 0.4)]
    elif teams < 1000:
        ranks = [10 + int(teams * 0.002), 50, 100]
    else:
        ranks = [10 + int(teams * 0.002), int(teams * 0.05), int(teams * 0.1)]
    named = zip(("gold", "silver", "bronze"), ranks, strict=True)
    return {name: float(scores.iloc[rank - 1]) for name, rank in named} | {"median": float(scores.median())}


def _score(competition: Competition, ids: pd.DataFrame, actual: pd.Series, submission: Path) -> tuple[float | None, str | None]:
    try:
        predicted = read_submission(competition, ids, len(actual), submission)
    except InvalidSubmission as error:
        return None, str(error)
    score = round(metric_of(competition).score(competition, actual, predicted), DIGITS)
    return (score, None) if np.isfinite(score) else (None, "the score is not finite")


def read_answers(competition: Competition) -> tuple[pd.DataFrame, pd.Series]:
    """The ids and the true target of the private answers, canonical."""
    path = competition.answers
    if path is None:
        raise CompetitionError(
            competition.folder, "answers", "there are none", "name the file with the private answers in competition.yaml"
        )
    try:
        table, _ = read_table(path)
    except TableError as error:
        raise CompetitionError(path, None, error, "the answers must be a UTF-8 table") from error
    ids = list(competition.id_columns)
    lacking = [name for name in ids if name not in table.columns]
    if lacking or len(table) != read_role(competition.folder, competition.files, "sample_submission")[0].shape[0]:
        raise CompetitionError(
            path, "answers", f"{len(table)} rows, missing columns {lacking}", "give one row for each test row, with its ids"
        )
    return table[ids], _actual(competition, table, path)


def _actual(competition: Competition, table: pd.DataFrame, path: Path) -> pd.Series:
    """The truth, from the target, the one prediction column, or one 0/1 column a class; of several targets, tuples."""
    columns = competition.prediction_columns
    if len(competition.target_columns) > 1:
        parts = [_actual(one, table, path) for one in competition.targets]
        return pd.Series(list(zip(*parts, strict=True)), index=table.index)
    name = next((name for name in (competition.target, columns[0]) if name in table.columns), None)
    if len(columns) > 1 and set(columns) <= set(table.columns):
        return table[list(columns)].astype(float).idxmax(axis=1).map(competition.class_of)
    if name is None:
        raise CompetitionError(
            path, competition.target, "no such column in the answers", f"they need {competition.target!r} or {list(columns)}"
        )
    cells = table[name]
    if competition.task in ("text", "mask", "tags"):
        return cells
    if not competition.classes:
        return pd.to_numeric(cells).astype(float)
    if set(cells) <= set(competition.classes):
        return cells
    if competition.positive_class is not None and set(cells) <= {"0", "1"}:
        negative = next(label for label in competition.classes if label != competition.positive_class)
        return cells.map({"1": competition.positive_class, "0": negative}).astype(str)
    raise CompetitionError(
        path, name, sorted(set(cells) - set(competition.classes))[:3], f"the answers must be some of {list(competition.classes)[:20]}"
    )
