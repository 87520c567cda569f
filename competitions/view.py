"""A view and what is read of it: the input folder that a candidate is run on, and its predictions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from competitions.model import Competition
from competitions.pixels import grey_pictures


@dataclass(frozen=True)
class View:
    """One input folder and what the harness alone knows about it."""

    folder: Path
    """What the solution sees as ./input; never altered."""
    fingerprint: str
    """SHA-256 of everything in it, hexadecimal; the part of a stored result's key that stands for the data."""
    fold: int | None
    """None: the final view, train on everything, test rows only."""
    ids: pd.DataFrame
    """The id columns of the view's test file, as text, in its order; no columns where the competition has no ids."""
    held_out: pd.Series
    """For each row of the view's test file: its position in the competition's training table, -1 for a real test row."""
    test: pd.Series
    """For each row of the view's test file: its position in the competition's test table, -1 for a held-out row."""


@dataclass(frozen=True)
class Predictions:
    """A valid submission, taken apart. Columns: the prediction columns (labels as text, else float64), then, where the solution
    wrote probabilities.csv, one column 'p:<class>' a class. Indexed by position in the competition's tables, sorted."""

    held_out: pd.DataFrame
    test: pd.DataFrame


class ViewSource(Protocol):
    """Where views come from: a competition's data, or the stacking view over members' predictions."""

    @property
    def competition(self) -> Competition: ...

    @property
    def folds(self) -> int:
        """How many folds an evaluation has; the same for all candidates."""
        ...

    def view(self, fidelity: str, fold: int | None) -> View:
        """Build the view, or take it from the cache. Deterministic."""
        ...

    def answers(self) -> pd.Series:
        """The training table's target, canonical (labels as text, numbers as float64; several: tuples of them), indexed by position."""
        ...


def canonical_target(competition: Competition, table: pd.DataFrame) -> pd.Series:
    """Labels and texts as they are, numbers as float64; indexed by position. Several targets: tuples of them; pictures: arrays."""
    if competition.pixels is not None:
        labels = next(one for one in competition.row_files if one.role == "label_files")
        pictures = grey_pictures(competition.folder, labels, table[competition.id_columns[0]].tolist(), competition.pixels.scale)
        return pd.Series(pictures, dtype=object)
    cells = table[list(competition.target_columns)].reset_index(drop=True)
    values = cells if competition.task != "regression" else cells.apply(pd.to_numeric).astype(float)
    return values.iloc[:, 0] if len(values.columns) == 1 else pd.Series(list(values.itertuples(index=False, name=None)), index=values.index)
