"""What a metric is: how predictions are scored, and, under many weightings of the rows at once, how uncertain a score is."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from competitions.model import Competition, Task

Floats: TypeAlias = npt.NDArray[np.float64]
WeightedScore: TypeAlias = Callable[[Competition, pd.Series, pd.DataFrame, Floats], Floats]
"""(competition, actual of n rows, predicted of n rows, weights B × n) -> the B scores."""
RowLoss: TypeAlias = Callable[[Competition, pd.Series, pd.DataFrame], Floats]
CellScore: TypeAlias = Callable[[Competition, npt.NDArray[np.intp], npt.NDArray[np.intp], Floats], float]
Prediction: TypeAlias = Literal["label", "probability", "ranking", "number", "text", "pixel"]
"""What a submission's prediction column holds: one of the classes; the probability of one; classes, the best first, with blanks between;
a number; any text; or the run lengths of a mask ('start length start length …', counted from 1)."""

CELLS_AT_ONCE = 20_000_000
"""Weights handled at once in a bootstrap: 160 MB of float64."""


@dataclass(frozen=True)
class Metric:
    """One metric. `prediction` says what the submission's prediction columns hold."""

    name: str
    greater_is_better: bool
    prediction: Prediction
    tasks: frozenset[Task]
    weighted: WeightedScore
    bounds: tuple[float, float] = (0.0, math.inf)
    """The lowest and the highest score that can be."""
    numeric_labels: bool = False
    """The labels must be numbers: their distance counts."""
    non_negative: bool = False
    """Neither targets nor predictions may be negative."""
    most_ranked: int | None = None
    """Ranking: so many labels count at most."""

    def score(self, competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats | None = None) -> float:
        """The score of predictions, row by row beside `actual` (labels and texts as text, numbers as float64); NaN where it is undefined.

        `predicted` has the competition's prediction columns, `weights` one non-negative number a row. Of several targets (`actual` holds
        tuples) the score is the mean of theirs. Of pictures as targets, cells are arrays, and every pixel counts alike.
        """
        rows = np.ones(len(actual)) if weights is None else np.asarray(weights, dtype=float)
        return float(self.bootstrap(competition, actual, predicted, rows[None, :])[0])

    def bootstrap(self, competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        """The score under each row of `weights` (B × n): shape (B,), NaN where it is undefined."""
        if len(actual) != len(predicted) or weights.shape[1] != len(actual):
            raise ValueError(f"rows differ: {len(actual)} actual, {len(predicted)} predicted, {weights.shape[1]} weights")
        if competition.pixels is not None:
            return self._of_pictures(competition, actual, predicted, weights)
        step = max(1, CELLS_AT_ONCE // max(1, len(actual)))
        parts = [weights[start : start + step].astype(float) for start in range(0, len(weights), step)]
        several = competition.targets
        truths = [actual] if len(several) == 1 else [pd.Series([row[i] for row in actual], index=actual.index) for i in range(len(several))]
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = [
                np.concatenate([self.weighted(one, truth, predicted, part) for part in parts] or [np.empty(0)])
                for one, truth in zip(several, truths, strict=True)
            ]
        return np.asarray(np.mean(columns, axis=0), dtype=float)

    def _of_pictures(self, competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        """Every pixel is a row; it weighs what its picture weighs."""
        plain = competition.model_copy(update={"pixels": None})
        column = competition.prediction_columns[0]
        truth, guess = (np.concatenate([np.ravel(cell) for cell in cells] or [np.empty(0)]) for cells in (actual, predicted[column]))
        sizes = [np.size(cell) for cell in actual]
        flat = pd.Series(truth.astype(float)), pd.DataFrame({column: guess.astype(float)})
        return np.concatenate([self.bootstrap(plain, *flat, np.repeat(row[None, :], sizes, axis=1)) for row in weights])


def mean_loss(loss: RowLoss, finish: Callable[[Floats], Floats] | None = None) -> WeightedScore:
    """A metric that is the (finished) weighted mean of a loss a row."""

    def weighted(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        means: Floats = weights @ loss(competition, actual, predicted) / weights.sum(axis=1)
        return means if finish is None else np.asarray(finish(means), dtype=float)

    return weighted


def labelled(function: CellScore) -> WeightedScore:
    """A metric of the confusion table: `function(competition, actual, predicted, weights)` gets each occupied cell once.

    Labels are positions in the competition's classes. So the cost of a resample does not depend on the number of rows.
    """

    def weighted(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        index = pd.Index(competition.classes)
        truth, guess = (index.get_indexer(pd.Index(labels)) for labels in (actual, predicted[competition.prediction_columns[0]]))
        cells, where = np.unique(truth * len(index) + guess, return_inverse=True)
        order = np.argsort(where, kind="stable")
        tables = np.add.reduceat(weights[:, order], np.searchsorted(where[order], np.arange(len(cells))), axis=1)
        return np.array([_of_cells(function, competition, cells, len(index), table) for table in tables], dtype=float)

    return weighted


def _of_cells(function: CellScore, competition: Competition, cells: npt.NDArray[np.intp], width: int, table: Floats) -> float:
    occupied = table > 0
    if not occupied.any():
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class without a row, said in many ways
        return float(function(competition, cells[occupied] // width, cells[occupied] % width, table[occupied]))
