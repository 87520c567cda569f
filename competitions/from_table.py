"""A competition from one table: a part of its rows becomes the test."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from competitions.errors import CompetitionError
from competitions.metrics import METRICS
from competitions.tables import Face, TableError, read_table, write_table

TEST_PARTS = 5
"""One row in so many is a test row."""
ID = "row_id"


def make_from_table(table: Path, target: str, metric: str | None = None, folder: Path | None = None, seed: int = 0) -> Path:
    """Write a competition in MLE-bench's prepared layout (answers apart) beside the table, or at `folder`, and return its place.

    A fifth of the rows, drawn at random, is the test; rows are numbered in a new column `row_id`.

    Raises:
        CompetitionError: no such column, no such metric, too few rows, or the folder is there already.
    """
    place = folder or table.with_name(table.name.split(".")[0])
    if place.exists():
        raise CompetitionError(place, None, "the folder is there already", "choose another place, or use it as it is")
    try:
        rows, _ = read_table(table)
    except (TableError, OSError) as error:
        raise CompetitionError(table, None, error, "give a table with a header") from error
    if target not in rows.columns:
        raise CompetitionError(table, "target", target, f"choose one of the columns {list(rows.columns)}")
    if metric is not None and metric not in METRICS:
        raise CompetitionError(table, "metric", metric, f"choose one of {', '.join(METRICS)}")
    known = rows[rows[target] != ""].reset_index(drop=True)
    if len(known) < 4 * TEST_PARTS:
        raise CompetitionError(table, target, f"{len(known)} rows with a value", f"at least {4 * TEST_PARTS} are needed")
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    try:
        _write(partial, known, target, metric, seed)
        partial.chmod(0o755)
        return partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(place: Path, rows: pd.DataFrame, target: str, metric: str | None, seed: int) -> None:
    public, private = place / "prepared" / "public", place / "prepared" / "private"
    public.mkdir(parents=True)
    private.mkdir()
    identity = ID if ID not in rows.columns else f"mlestar_{ID}"
    order = np.random.RandomState(seed).permutation(len(rows))
    numbered = rows.iloc[order].reset_index(drop=True)
    numbered.insert(0, identity, [str(number) for number in range(len(numbered))])
    cut = len(numbered) - len(numbered) // TEST_PARTS
    test = numbered[cut:]
    guess = _constant(rows[target], metric)
    write_table(numbered[:cut], public / "train.csv", Face())
    write_table(test.drop(columns=target), public / "test.csv", Face())
    write_table(test[[identity]].assign(**{target: guess}), public / "sample_submission.csv", Face())
    write_table(test[[identity, target]], private / "test.csv", Face())
    said = f"The metric is {metric}.\n" if metric else ""
    (public / "description.md").write_text(f"# Predict {target}\n\n{said}", encoding="utf-8")
    if metric is not None:
        (place / "competition.yaml").write_text(f"metric: {metric}\n", encoding="utf-8")


def _constant(cells: pd.Series, metric: str | None) -> str:
    """What the sample submission predicts: a chance where one is asked for, else the most frequent value."""
    if metric is not None and METRICS[metric].prediction == "probability":
        return "0.5"
    return str(cells.mode().iloc[0])
