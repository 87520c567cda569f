"""A light profile of the competition's tables: columns, target, and how far the test rows differ from the training rows."""

from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError

from competitions import Brief, Competition, CompetitionError, make_brief, read_tables
from competitions.brief import NA_TEXTS
from journal import Record, Run, write_atomically

PROFILE = "data.json"
DRIFT_ROWS = 4_000
"""Of each table, at most; with DRIFT_COLUMNS it bounds the time to some seconds."""
DRIFT_COLUMNS = 300
DRIFT_FOLDS = 3
BINS = 24


class ColumnProfile(Record):
    """One column that both tables have; figures are of train unless they say otherwise."""

    name: str
    kind: str = Field(description="number, category, text, date, boolean or constant")
    missing: float = Field(description="share of cells, 0..1")
    missing_test: float
    distinct: int
    low: float | None
    high: float | None
    examples: tuple[str, ...]
    drift: float | None = Field(description="its part, 0..1, in telling test rows from training rows; none: not looked at")


class Drift(Record):
    """Adversarial validation: a classifier is asked which table a row is from. 0.5: it cannot tell; 1: it always can."""

    auc: float
    standard_error: float = Field(description="over folds")
    rows: int = Field(description="of both tables together")


class DataProfile(Record):
    """The tables of a competition at a glance."""

    train_rows: int
    test_rows: int
    target: str
    classes: dict[str, float] = Field(description="share of each class in train; empty: regression")
    figures: dict[str, float] = Field(description="regression: min, median, mean, max and skew of the target")
    edges: tuple[float, ...] = Field(description="regression: borders of the histogram's bins")
    counts: tuple[int, ...] = Field(description="regression: training rows in each bin")
    train_only: tuple[str, ...] = Field(description="columns that the test does not have, the target left out")
    columns: tuple[ColumnProfile, ...]
    drift: Drift | None = Field(description="none: too few rows or no column to tell by")


def data_profile(competition: Competition) -> DataProfile:
    """Profile a competition's tables; some seconds at most.

    Raises:
        CompetitionError: a file is gone or is no table any more.
    """
    brief, tables = make_brief(competition), read_tables(competition)
    drift, parts = _drift(brief, tables.train, tables.test)
    has_numbers = competition.task == "regression" and competition.pixels is None
    edges, counts = _histogram(tables.train[competition.target]) if has_numbers else ((), ())
    columns = (
        ColumnProfile(
            **column.model_dump(include={"name", "kind", "missing", "distinct", "low", "high", "examples"}),
            missing_test=float(tables.test[column.name].isin(NA_TEXTS).mean()),
            drift=parts.get(column.name),
        )
        for column in brief.columns
    )
    return DataProfile(
        train_rows=brief.train_rows,
        test_rows=brief.test_rows,
        target=brief.target,
        classes=brief.target_summary if brief.classes else {},
        figures={} if brief.classes else brief.target_summary,
        edges=edges,
        counts=counts,
        train_only=brief.train_only,
        columns=tuple(columns),
        drift=drift,
    )


def write_data_profile(run: Run, competition: Competition | None) -> DataProfile | None:
    """Put data.json into the run folder, unless it is there already; none where the competition's files cannot be read any more."""
    there = read_data_profile(run)
    if there is not None or competition is None:
        return there
    try:
        profile = data_profile(competition)
    except (CompetitionError, OSError, ValueError):  # whatever the data are, there has to be a report
        return None
    write_atomically(run.folder / PROFILE, profile.model_dump_json(indent=1).encode())
    return profile


def read_data_profile(run: Run) -> DataProfile | None:
    """What write_data_profile left in the run folder; none: nothing, or not of this version."""
    path: Path = run.folder / PROFILE
    try:
        return DataProfile.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _histogram(cells: pd.Series) -> tuple[tuple[float, ...], tuple[int, ...]]:
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return (), ()
    counts, edges = np.histogram(numbers, bins=BINS)
    return tuple(map(float, edges)), tuple(map(int, counts))


def _drift(brief: Brief, train: pd.DataFrame, test: pd.DataFrame) -> tuple[Drift | None, dict[str, float]]:
    """(how well rows are told apart, the part of each column in it)."""
    kinds = {column.name: column.kind for column in brief.columns[:DRIFT_COLUMNS] if column.kind != "constant"}
    parts = [table.sample(min(len(table), DRIFT_ROWS), random_state=0) for table in (train, test)]
    if not kinds or min(map(len, parts)) < 10 * DRIFT_FOLDS:
        return None, {}
    from lightgbm import LGBMClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    rows = pd.concat(parts, ignore_index=True)
    numbers = np.column_stack([_numbers(rows[name], kind) for name, kind in kinds.items()])
    is_test = np.repeat([0, 1], [len(part) for part in parts])
    aucs, importance = [], np.zeros(len(kinds))
    for fitted, held_out in StratifiedKFold(DRIFT_FOLDS, shuffle=True, random_state=0).split(numbers, is_test):
        model = LGBMClassifier(
            n_estimators=60, learning_rate=0.1, num_leaves=15, importance_type="gain", n_jobs=1, random_state=0, verbose=-1
        )
        model.fit(numbers[fitted], is_test[fitted])
        aucs.append(roc_auc_score(is_test[held_out], np.asarray(model.predict_proba(numbers[held_out]))[:, 1]))
        importance += model.feature_importances_
    share = importance / (importance.sum() or 1.0)
    error = float(np.std(aucs, ddof=1) / np.sqrt(DRIFT_FOLDS))
    return Drift(auc=float(np.mean(aucs)), standard_error=error, rows=len(rows)), dict(zip(kinds, map(float, share), strict=True))


def _numbers(cells: pd.Series, kind: str) -> np.ndarray:
    """A column as numbers: dates by time, texts by length, categories by how frequent they are."""
    if kind == "number":
        return pd.to_numeric(cells, errors="coerce").to_numpy(float)
    if kind == "date":
        moments = pd.to_datetime(cells, errors="coerce", format="mixed", utc=True)
        return moments.astype("int64").to_numpy(float)
    if kind == "text":
        return cells.str.len().to_numpy(float)
    return cells.map(cells.value_counts()).to_numpy(float)  # a rank would tell apart equally frequent values by the order of the tables
