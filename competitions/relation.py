"""How the test rows relate to the training rows, and so how rows are held out: validation imitates the test."""

import re
import warnings
from collections.abc import Sequence

import pandas as pd

from competitions.model import Task, Validation

DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
GLANCE = 200
"""Cells looked at before a whole column is read as dates."""
FEWEST_GROUPS = 20
"""Fewer values than this are no groups, fewer moments no order: that the test lacks them may be chance, or a mark of the file."""
MEAN_GROUP = 2.0


def infer_validation(task: Task, train: pd.DataFrame, test: pd.DataFrame, ids: Sequence[str]) -> Validation:
    """By time only if the test lies after train; grouped only if the test's groups are absent from train; else at random."""
    shared = [name for name in test.columns if name in train.columns]
    for name in shared:
        before, after = dates(train[name]), dates(test[name])
        if before is None or after is None or before.nunique() < FEWEST_GROUPS:
            continue
        if before.max() < after.min():
            evidence = f"the test rows lie after the training rows: {name!r} ends with {before.max():%Y-%m-%d} in train"
            return Validation(split="time", column=name, evidence=f"{evidence} and begins with {after.min():%Y-%m-%d} in test")
    for name in shared:
        if name not in ids and _groups_apart(train[name], test[name]):
            evidence = f"none of the {test[name].nunique()} values of {name!r} in test occurs among the {train[name].nunique()} in train"
            return Validation(split="grouped", column=name, evidence=evidence)
    reason = "nothing says that the test rows were chosen otherwise"
    if task == "regression":
        return Validation(split="plain", evidence=f"rows drawn at random: {reason}")
    return Validation(split="stratified", evidence=f"rows drawn at random, every class in its share: {reason}")


def dates(cells: pd.Series) -> pd.Series | None:
    """The moments that a column's cells name; none where one of them names none."""
    if not cells.head(GLANCE).str.match(DATE).all():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # formats that differ from cell to cell
        moments = pd.to_datetime(cells, errors="coerce", utc=True)
        if moments.isna().any():
            moments = pd.to_datetime(cells, errors="coerce", utc=True, format="mixed")
    return moments if moments.notna().all() else None


def _groups_apart(train: pd.Series, test: pd.Series) -> bool:
    """Whether both sides consist of repeated values of their own; numbers with a fraction are measurements, no groups."""
    groups = set(train)
    if len(groups) < FEWEST_GROUPS or len(train) < MEAN_GROUP * len(groups) or not groups.isdisjoint(test):
        return False
    numbers = pd.to_numeric(train, errors="coerce")
    return bool(numbers.isna().any() or (numbers % 1 == 0).all())
