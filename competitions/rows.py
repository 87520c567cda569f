"""Which rows go where: the pure row work of a view.

Imports the standard library and pandas only, because generated scripts carry this module's source with them: the views of a
search and the folds of a finished solution are cut by the same lines.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd


class FoldRows(NamedTuple):
    """The tables of one view, and where each row of its test table came from."""

    train: pd.DataFrame
    test: pd.DataFrame
    held_out: list[int]
    """For each row of `test`: its position in the whole training table, or -1."""
    test_rows: list[int]
    """For each row of `test`: its position in the whole test table, or -1."""


class Labels(NamedTuple):
    """The training rows' labels where they are a table of their own; its columns are joined to the training table's."""

    columns: list[str]
    order: list[int]
    """For each training row: its line in the labels' table."""


def join_labels(train: pd.DataFrame, labels: pd.DataFrame, keys: Sequence[str]) -> tuple[pd.DataFrame, Labels]:
    """The training table with the labels' columns, and how to take them apart again.

    Raises:
        ValueError: a row of one table does not belong to exactly one of the other.
    """
    names = list(keys)
    if not names:
        raise ValueError("no column that the training table has too names its rows")
    if train[names].duplicated().any() or labels[names].duplicated().any():
        raise ValueError(f"rows repeat the ids {names}")
    here, there = pd.MultiIndex.from_frame(train[names]), pd.MultiIndex.from_frame(labels[names])
    order = there.get_indexer(here)
    if (order < 0).any() or len(train) != len(labels):
        raise ValueError(f"{int((order < 0).sum())} of {len(train)} training rows have no label, and there are {len(labels)} labels")
    further = [name for name in labels.columns if name not in names]
    if both := [name for name in further if name in train.columns]:
        raise ValueError(f"the training table has columns {both} too")
    joined = pd.concat([train, labels[further].iloc[order].reset_index(drop=True)], axis=1)
    return joined, Labels([str(name) for name in labels.columns], order.tolist())


def labels_of(train: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """The labels' table of some training rows (indexed by position), in the order of the whole one."""
    positions = train.index.tolist()
    order = sorted(range(len(train)), key=lambda row: labels.order[positions[row]])
    return train[labels.columns].iloc[order]


def shuffled(count: int, key: str) -> list[int]:
    """The numbers 0..count-1 in an order that depends on the key alone, never on a library's version."""
    return sorted(range(count), key=lambda number: hashlib.sha256(f"{key}:{number}".encode()).digest())


def fold_rows(
    train: pd.DataFrame,
    test: pd.DataFrame,
    *,
    assignment: Sequence[int],
    fold: int | None,
    travelling: Sequence[int],
    id_columns: Sequence[str],
    seed: int,
    renumber: bool = False,
) -> FoldRows:
    """Cut the tables (cells of text) for one fold; fold none: the final view.

    `assignment` has a fold number per training row; -1: the row is in no view. `travelling` are the positions of the real test
    rows that go along with a fold's held-out rows; the final view has all of them, in their order.

    `renumber`: held-out rows get new ids, the same in every fold, because some of theirs are those of test rows too.
    """
    kept = [row for row, number in enumerate(assignment) if number >= 0 and (fold is None or number != fold)]
    if fold is None:
        return FoldRows(train.iloc[kept], test, [-1] * len(test), list(range(len(test))))
    held = [row for row, number in enumerate(assignment) if number == fold]
    beside = as_test_rows(train.iloc[held], held, test, id_columns)
    if renumber:
        (name,) = id_columns
        beside[name] = invented_ids(held, [*test[name].tolist(), *train[name].tolist()])
    both = pd.concat([beside, test.iloc[list(travelling)]])
    order = shuffled(len(both), f"{seed}:{fold}")
    held_out = [*held, *[-1] * len(travelling)]
    test_rows = [*[-1] * len(held), *travelling]
    return FoldRows(train.iloc[kept], both.iloc[order], [held_out[i] for i in order], [test_rows[i] for i in order])


def as_test_rows(rows: pd.DataFrame, positions: Sequence[int], test: pd.DataFrame, id_columns: Sequence[str]) -> pd.DataFrame:
    """Training rows with exactly the test table's columns; ids that train lacks are invented, other columns that it lacks are empty."""
    columns = {}
    for name in test.columns:
        if name in rows.columns:
            columns[name] = rows[name]
        elif name in id_columns:
            columns[name] = pd.Series(invented_ids(positions, test[name].tolist()), index=rows.index, dtype=str)
        else:
            columns[name] = pd.Series([""] * len(rows), index=rows.index, dtype=str)
    return pd.DataFrame(columns, columns=test.columns)


def invented_ids(positions: Sequence[int], taken: Sequence[str]) -> list[str]:
    """Ids for rows that have none: whole numbers beyond those that are taken."""
    numbers = [int(text) for text in taken if text.isdecimal()]
    first = max(numbers, default=0) + 1
    return [str(first + position) for position in positions]


def sample_rows(sample: pd.DataFrame, test: pd.DataFrame, id_columns: Sequence[str]) -> pd.DataFrame:
    """A sample submission for the rows of `test`, in their order; every prediction is the given sample's first."""
    first = sample.iloc[0]
    columns = {name: test[name].tolist() if name in id_columns else [str(first[name])] * len(test) for name in sample.columns}
    return pd.DataFrame(columns, columns=sample.columns, dtype=str)
