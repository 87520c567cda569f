"""The tables of a stacking view, made from members' predictions.

Self-contained on purpose (standard library, numpy, pandas): the generated final script carries this module's source, so that it
builds the very same files as the search did.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

INNER_FOLDS = 5
"""Folds of the stacking view where the members were validated on one holdout only."""


class StackRows(NamedTuple):
    """All members' columns, row by row; indexed by position, sorted."""

    features: pd.DataFrame
    """Of every out-of-fold row of the training table."""
    folds: pd.Series
    """Which fold each of these rows is held out in."""
    test: dict[int | None, pd.DataFrame]
    """For each fold, and for the final view (none): of the real test rows. No final one where the members predict no test rows."""


def member_prefix(number: int) -> str:
    """What the columns of candidate 7 begin with: 'm0007'."""
    return f"m{number:04d}"


def member_columns(predictions: pd.DataFrame, prefix: str, classes: Sequence[str], positive_class: str | None) -> pd.DataFrame:
    """One member's predictions as numbers: one column a class ('m0007__<class>'), or, without classes, one column ('m0007').

    `predictions` holds the submission's prediction columns and perhaps one column 'p:<class>' a class. Probabilities are taken from
    the first of these that is there: the 'p:' columns; one column a class; one column with the probability of the positive class;
    labels (text), which become 0 or 1. Rows and index stay as they are.
    """
    submitted = [column for column in predictions.columns if not column.startswith("p:")]
    if not classes:
        return pd.DataFrame({prefix: predictions[submitted[0]].to_numpy(float)}, index=predictions.index)
    names = [f"{prefix}__{label}" for label in classes]
    if all(f"p:{label}" in predictions.columns for label in classes):
        values = predictions[[f"p:{label}" for label in classes]].to_numpy(float)
    elif len(submitted) == len(classes) > 1:
        by_name = set(submitted) == set(classes)
        values = predictions[list(classes) if by_name else submitted].to_numpy(float)
    elif pd.api.types.is_numeric_dtype(predictions[submitted[0]]) and positive_class is not None:
        positive = predictions[submitted[0]].to_numpy(float)
        values = np.column_stack([positive if label == positive_class else 1 - positive for label in classes])
    else:
        labels = predictions[submitted[0]].to_numpy(object)
        values = np.column_stack([labels == label for label in classes]).astype(float)
    return pd.DataFrame(values, index=predictions.index, columns=names)


def stack_rows(
    held_out: Sequence[Sequence[pd.DataFrame]],
    test: Sequence[Sequence[pd.DataFrame]],
    final: Sequence[pd.DataFrame] | None,
    target: pd.Series,
    stratify: bool,
) -> StackRows:
    """Put the members side by side.

    Args:
        held_out: for each member and each of its folds, its columns of the fold's held-out rows.
        test: the same, of the real test rows; without rows where the folds' views hold none.
        final: for each member, its columns of the test rows on the final view; none: the mean over the folds stands for them.
        target: label or value of at least the held-out rows, by position.
        stratify: deal out classes evenly where one holdout has to be cut into folds.
    """
    features = _side_by_side([pd.concat(list(frames)) for frames in held_out])
    test_of_fold = [_side_by_side(frames) for frames in zip(*test, strict=True)]
    if len(test_of_fold) == 1:
        folds = inner_folds(target.loc[features.index], stratify)
        test_of_fold *= INNER_FOLDS
    else:
        folds = pd.concat([pd.Series(number, index=frame.index) for number, frame in enumerate(held_out[0])]).sort_index()
    by_fold: dict[int | None, pd.DataFrame] = dict(enumerate(test_of_fold))
    if final is not None:
        by_fold[None] = _side_by_side(final)
    elif len(test_of_fold[0]):
        by_fold[None] = _mean_features(test_of_fold)
    return StackRows(features, folds, by_fold)


def _side_by_side(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([frame.sort_index() for frame in frames], axis=1)


def _mean_features(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.DataFrame(np.mean([frame.to_numpy() for frame in frames], axis=0), index=frames[0].index, columns=frames[0].columns)


def inner_folds(target: pd.Series, stratify: bool) -> pd.Series:
    """A fold number 0..4 for each row of a holdout, by a hash of its position; with `stratify` every class is dealt out evenly."""
    order = sorted(target.index, key=lambda position: hashlib.sha256(f"inner fold of {position}".encode()).digest())
    shuffled = target.loc[order]
    if stratify:
        shuffled = shuffled.sort_values(kind="stable")
    folds = pd.Series(np.arange(len(shuffled)) % INNER_FOLDS, index=shuffled.index)
    return folds.sort_index()


def stack_order(fold: int | None, held_out: Sequence[int], test: Sequence[int]) -> pd.DataFrame:
    """The rows of a view's test file in their order: columns 'held_out' and 'test', positions, -1 where a row is of the other kind.

    Held-out and real test rows are mixed, ordered by a hash; the final view (`fold` none) keeps the test's own order.
    """
    rows = [(int(position), -1) for position in held_out] + [(-1, int(position)) for position in test]
    if fold is not None:
        rows.sort(key=lambda row: hashlib.sha256(f"{fold}:{row[0]}:{row[1]}".encode()).digest())
    return pd.DataFrame(rows, columns=["held_out", "test"], dtype="int64")


def stack_tables(
    rows: StackRows, target: pd.Series, train_ids: pd.DataFrame, test_ids: pd.DataFrame, fold: int | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The stacking view's train table, test table, and the order of the test's rows (see `stack_order`).

    Args:
        rows: all members' columns.
        target: label or value of at least the out-of-fold rows, by position; its name is the target column.
        train_ids: id columns, as text, of at least the out-of-fold rows, by position.
        test_ids: the same of the real test rows.
        fold: whose labels are left out; none: nobody's, and the test table holds the real test rows only.
    """
    inside = (rows.folds == fold).to_numpy() if fold is not None else np.zeros(len(rows.folds), dtype=bool)
    outside, held_out, test = rows.features[~inside], rows.features[inside], rows.test[fold]
    order = stack_order(fold, held_out.index.tolist(), test.index.tolist())
    train = pd.concat([train_ids.loc[outside.index], outside, target.loc[outside.index]], axis=1)
    of_train = pd.concat([train_ids.loc[held_out.index], held_out], axis=1)
    of_test = pd.concat([test_ids.loc[test.index], test], axis=1)
    both = pd.concat([of_train, of_test])
    in_train, in_test = (table.index.get_indexer(pd.Index(order[name])) for table, name in ((held_out, "held_out"), (test, "test")))
    wanted = np.where(order["held_out"] >= 0, in_train, len(held_out) + in_test)
    return train.reset_index(drop=True), both.iloc[wanted].reset_index(drop=True), order


def ids_by_position(ids: pd.DataFrame, positions: pd.Series) -> pd.DataFrame:
    """The rows of `ids` whose position (row by row beside it) is not -1, indexed by it and sorted."""
    there = (positions >= 0).to_numpy()
    return ids[there].set_axis(positions[there].to_numpy(), axis=0).sort_index()


def constant_sample(test: pd.DataFrame, id_columns: Sequence[str], constants: Mapping[str, object]) -> pd.DataFrame:
    """The sample submission: the test's ids beside constant predictions."""
    ids = {column: test[column].tolist() for column in id_columns}
    return pd.DataFrame({**ids, **{column: [value] * len(test) for column, value in constants.items()}})


def write_stack(folder: Path, train: pd.DataFrame, test: pd.DataFrame, sample: pd.DataFrame, description: str) -> None:
    """Write the four files of a stacking view; floats keep every digit."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("train.csv", train), ("test.csv", test), ("sample_submission.csv", sample)):
        (folder / name).write_bytes(table.to_csv(index=False, lineterminator="\n").encode())
    (folder / "description.md").write_bytes(description.encode())
