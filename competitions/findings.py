"""What was assumed of a competition, and from what: the lines that a person checks before a run."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from competitions.folds import number_of_folds
from competitions.metrics import metric_of
from competitions.model import Competition
from competitions.moments import dates
from competitions.sources import header_of, read_tables, shared_tables
from competitions.tables import TableError, read_table

SAMPLE_ROWS = 3_000
"""Rows a side that tell train from test."""
UNLIKE = 0.7
"""AUC from which test rows can be told from training rows so well that it is worth a word."""
NAMED = 0.5
"""Share of the training rows' ids in a further table from which it says something about them."""
MOST_BYTES = 50_000_000


class Finding(NamedTuple):
    """One assumption."""

    field: str
    """What it is called in competition.yaml, or 'warning'."""
    value: str
    why: str


def findings(competition: Competition) -> tuple[Finding, ...]:
    """Everything that was inferred or declared, the evidence, and warnings.

    Raises:
        CompetitionError: a file is gone or is no table any more.
    """
    return (*_assumptions(competition), *(Finding("warning", text, "") for text in _warnings(competition)))


def adversarial_auc(train: pd.DataFrame, test: pd.DataFrame, columns: Sequence[str], seed: int = 0) -> float | None:
    """How well a model tells test rows from training rows by these columns, out of fold: 0.5 not at all, 1 always; none: no columns.

    At most 3,000 rows a side are looked at.
    """
    if not columns or min(len(train), len(test)) < 10:
        return None
    sides = [table.sample(min(len(table), SAMPLE_ROWS), random_state=seed)[list(columns)] for table in (train, test)]
    both = pd.concat(sides, ignore_index=True)
    coded = pd.DataFrame({name: _coded(both[name]) for name in columns})
    side = np.repeat([0, 1], [len(one) for one in sides])
    model = HistGradientBoostingClassifier(max_iter=50, random_state=seed)
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    return float(roc_auc_score(side, cross_val_predict(model, coded, side, cv=folds, method="predict_proba")[:, 1]))


def _coded(cells: pd.Series) -> pd.Series:
    """Numbers as they are, dates as seconds, anything else as how often it occurs."""
    moments = dates(cells)
    if moments is not None:
        seconds: pd.Series = (moments - moments.min()).dt.total_seconds()
        return seconds
    numbers = pd.to_numeric(cells, errors="coerce")
    counted: pd.Series = numbers if numbers.notna().any() else cells.map(cells.value_counts())
    return counted.astype(float)


def _assumptions(competition: Competition) -> Iterator[Finding]:
    tables = read_tables(competition)
    metric, several = metric_of(competition), len(competition.target_columns) > 1
    names = ", ".join(competition.target_columns)
    if competition.pixels is not None:
        yield Finding("files", f"{len(tables.train)} training pictures with a target picture each", "their names are the same")
        first, scale = competition.pixels.first, competition.pixels.scale
        yield Finding(
            "pixels", f"{competition.pixels.id_pattern}, from {first}, grey values by {scale:g}", "ids and values of the sample submission"
        )
    else:
        yield Finding("files", f"{competition.train_path}: {len(tables.train)} training rows", "by its name")
    if tables.labels is not None:
        yield Finding("files", f"{competition.path('labels')}: their labels", "it has the ids, and the training table has no target")
    what = "by its name" if tables.test_face is not None else "there is no test table"
    yield Finding("files", f"{competition.test_path}: {len(tables.test)} test rows", what)
    for one in competition.row_files:
        yield Finding("files", f"{one.path}: {one.pattern} ({one.role})", "members are named like rows")
    yield Finding("id_columns", ", ".join(competition.id_columns) or "none", "columns of the sample submission that the test table has")
    yield Finding("target_columns", names, _why_target(competition, several or names in tables.sample))
    direction = "higher is better" if metric.greater_is_better else "lower is better"
    mean = ", mean over the targets" if several else ""
    yield Finding("metric", f"{metric.name} ({direction}{mean})", competition.metric_evidence)
    classes = f", {len(competition.classes)} classes" if competition.classes else ""
    yield Finding("task", f"{competition.task}{classes}", f"from the metric and the values of {names}")
    if competition.positive_class is not None:
        yield Finding("positive_class", competition.positive_class, "whose probability is asked for")
    if len(competition.prediction_columns) > 1 and not several:
        pairs = ", ".join(f"{column} = {competition.class_of(column)}" for column in competition.prediction_columns)
        yield Finding("prediction_columns", pairs, "one column a class in the sample submission")
    validation = competition.validation
    folds = validation.folds or number_of_folds(tables.train)
    size = f"{folds} folds" if folds > 1 else "one holdout"
    column = f" by {validation.column}" if validation.column else ""
    yield Finding("validation", f"{validation.split}{column}, {size}", validation.evidence or "competition.yaml")


def _why_target(competition: Competition, asked: bool) -> str:
    if competition.pixels is not None:
        return "the pictures of the label files"
    return "asked for by the sample submission" if asked else "only train has it"


def _warnings(competition: Competition) -> Iterator[str]:
    tables = read_tables(competition)
    columns = [name for name in tables.test.columns if name in tables.train.columns and name not in competition.id_columns]
    separable = adversarial_auc(tables.train, tables.test, columns) if competition.validation.split in {"plain", "stratified"} else None
    if separable is not None and separable > UNLIKE:
        yield f"test rows differ from training rows: a model tells them apart with AUC {separable:.2f}; held-out scores may mislead"
    only = [str(name) for name in tables.train.columns if name not in tables.test.columns and name not in competition.target_columns]
    if only and tables.test_face is not None:
        yield f"columns that only train has are left out of held-out rows: {', '.join(only)}"
    for path in shared_tables(competition.folder, competition.files):
        named = _named(competition, tables.train, path) if path.stat().st_size < MOST_BYTES else None
        if named is not None:
            yield f"{path.name} names training rows ({named}) and is in every view as it is: if it tells the target, move it away"


def _named(competition: Competition, train: pd.DataFrame, path: Path) -> str | None:
    """The column of a further table that holds most training rows' ids."""
    keys = [name for name in competition.id_columns if name in train.columns and train[name].nunique() > 1]
    if not keys or not header_of(path):
        return None
    try:
        table, _ = read_table(path)
    except TableError:
        return None
    ids = set(train[keys[0]])
    return next((str(name) for name in table.columns if len(ids & set(table[name])) >= NAMED * len(ids)), None)
