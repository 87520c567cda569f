"""The metrics: how predictions are scored, and how uncertain a score is."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn import metrics as sklearn_metrics

from competitions.model import Competition, Task
from competitions.weighted import weighted_correlation, weighted_median, weighted_ranks

Floats: TypeAlias = npt.NDArray[np.float64]
WeightedScore: TypeAlias = Callable[[Competition, pd.Series, pd.DataFrame, Floats], Floats]
"""(competition, actual of n rows, predicted of n rows, weights B × n) -> the B scores."""
RowLoss: TypeAlias = Callable[[Competition, pd.Series, pd.DataFrame], Floats]
CellScore: TypeAlias = Callable[[Competition, npt.NDArray[np.intp], npt.NDArray[np.intp], Floats], float]

CELLS_AT_ONCE = 20_000_000
"""Weights handled at once in a bootstrap: 160 MB of float64."""


@dataclass(frozen=True)
class Metric:
    """One metric. `prediction` says what the submission's prediction columns hold."""

    name: str
    greater_is_better: bool
    prediction: Literal["label", "probability", "number"]
    tasks: frozenset[Task]
    weighted: WeightedScore
    numeric_labels: bool = False
    """The labels must be numbers: their distance counts."""
    non_negative: bool = False
    """Neither targets nor predictions may be negative."""

    def score(self, competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats | None = None) -> float:
        """The score of predictions, row by row beside `actual` (labels as text, numbers as float64); NaN where it is undefined.

        `predicted` has the competition's prediction columns, `weights` one non-negative number a row. Of several targets (`actual` holds
        tuples) the score is the mean of theirs.
        """
        rows = np.ones(len(actual)) if weights is None else np.asarray(weights, dtype=float)
        return float(self.bootstrap(competition, actual, predicted, rows[None, :])[0])

    def bootstrap(self, competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        """The score under each row of `weights` (B × n): shape (B,), NaN where it is undefined."""
        if len(actual) != len(predicted) or weights.shape[1] != len(actual):
            raise ValueError(f"rows differ: {len(actual)} actual, {len(predicted)} predicted, {weights.shape[1]} weights")
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


def _mean_loss(loss: RowLoss, finish: Callable[[Floats], Floats] | None = None) -> WeightedScore:
    """A metric that is the (finished) weighted mean of a loss a row."""

    def weighted(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        means: Floats = weights @ loss(competition, actual, predicted) / weights.sum(axis=1)
        return means if finish is None else np.asarray(finish(means), dtype=float)

    return weighted


def _numbers(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> tuple[Floats, Floats]:
    return actual.to_numpy(dtype=float), predicted[competition.prediction_columns[0]].to_numpy(dtype=float)


def _correct(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    guess = predicted[competition.prediction_columns[0]].to_numpy(dtype=object)
    return np.asarray(actual.to_numpy(dtype=object) == guess, dtype=float)


def _squared_error(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    truth, guess = _numbers(competition, actual, predicted)
    return np.square(guess - truth)


def _absolute_error(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    truth, guess = _numbers(competition, actual, predicted)
    return np.abs(guess - truth)


def _squared_log_error(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    truth, guess = _numbers(competition, actual, predicted)
    return np.asarray(np.square(np.log1p(guess) - np.log1p(truth)), dtype=float)


def class_probabilities(competition: Competition, predicted: pd.DataFrame) -> pd.DataFrame:
    """One column a class, in the order of the classes, rows summing to one (a row of zeros becomes uniform)."""
    columns = competition.prediction_columns
    if len(columns) == 1:
        positive = predicted[columns[0]].astype(float)
        both = {competition.class_of(columns[0]): positive}
        return pd.DataFrame({label: both.get(label, 1 - positive) for label in competition.classes}, index=predicted.index)
    table = predicted[list(columns)].astype(float).set_axis([competition.class_of(column) for column in columns], axis=1)
    table = table[list(competition.classes)]
    return table.div(table.sum(axis=1).replace(0.0, np.nan), axis=0).fillna(1 / len(competition.classes))


def _cross_entropy(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    table = class_probabilities(competition, predicted).to_numpy(dtype=float)
    truth = pd.Index(competition.classes).get_indexer(pd.Index(actual))
    limit = np.finfo(float).eps  # scikit-learn's
    return np.asarray(-np.log(np.clip(table[np.arange(len(truth)), truth], limit, 1 - limit)), dtype=float)


def _area_under_curve(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
    """The chance that a positive row ranks above a negative one, ties counted half, rows weighted."""
    guess = predicted[competition.prediction_columns[0]].to_numpy(dtype=float)
    order = np.argsort(guess, kind="stable")
    starts = np.flatnonzero(np.diff(guess[order], prepend=np.nan) != 0)  # the first row of each tie; NaN differs from all
    positive = (actual.to_numpy(dtype=object) == competition.positive_class)[order]
    weights = weights[:, order]
    wins = np.add.reduceat(weights * positive, starts, axis=1)
    losses = np.add.reduceat(weights * ~positive, starts, axis=1)
    below = np.cumsum(losses, axis=1) - losses / 2
    return np.asarray((wins * below).sum(axis=1) / (wins.sum(axis=1) * losses.sum(axis=1)), dtype=float)


def _labelled(function: CellScore) -> WeightedScore:
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


def _of_cells(
    function: CellScore,
    competition: Competition,
    cells: npt.NDArray[np.intp],
    width: int,
    table: Floats,
) -> float:
    occupied = table > 0
    if not occupied.any():
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class without a row, said in many ways
        return float(function(competition, cells[occupied] // width, cells[occupied] % width, table[occupied]))


def _kappa(competition: Competition, actual: npt.NDArray[np.intp], predicted: npt.NDArray[np.intp], weights: Floats) -> float:
    """Cohen's kappa with quadratic weights over the labels' own distances, not their ranks: 1, 2, 4 are not equally far apart."""
    values = np.array([float(label) for label in competition.classes])
    truth, guess = values[actual], values[predicted]
    total = weights.sum()
    observed = (weights * (truth - guess) ** 2).sum() / total
    means = [(weights * side).sum() / total for side in (truth, guess)]
    squares = [(weights * side**2).sum() / total for side in (truth, guess)]
    expected = squares[0] + squares[1] - 2 * means[0] * means[1]
    return float(1 - observed / expected) if expected > 0 else float("nan")


def _f1(competition: Competition, actual: npt.NDArray[np.intp], predicted: npt.NDArray[np.intp], weights: Floats) -> float:
    positive = competition.classes.index(competition.positive_class or competition.classes[-1])
    return float(sklearn_metrics.f1_score(actual == positive, predicted == positive, sample_weight=weights, zero_division=np.nan))


def _f1_macro(_: Competition, actual: npt.NDArray[np.intp], predicted: npt.NDArray[np.intp], weights: Floats) -> float:
    return float(sklearn_metrics.f1_score(actual, predicted, average="macro", sample_weight=weights, zero_division=0.0))


def _balanced_accuracy(_: Competition, actual: npt.NDArray[np.intp], predicted: npt.NDArray[np.intp], weights: Floats) -> float:
    return float(sklearn_metrics.balanced_accuracy_score(actual, predicted, sample_weight=weights))


def _matthews(_: Competition, actual: npt.NDArray[np.intp], predicted: npt.NDArray[np.intp], weights: Floats) -> float:
    return float(sklearn_metrics.matthews_corrcoef(actual, predicted, sample_weight=weights))


def _determination(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
    truth, guess = _numbers(competition, actual, predicted)
    total = weights.sum(axis=1)
    centre = truth.mean()  # a shift, so that the variance loses no digits
    variance = weights @ np.square(truth - centre) / total - np.square(weights @ (truth - centre) / total)
    residual = weights @ np.square(guess - truth) / total
    return np.where(variance > 0, 1 - residual / variance, np.nan)


def _relative_error(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    truth, guess = _numbers(competition, actual, predicted)
    return np.asarray(np.abs(guess - truth) / np.maximum(np.abs(truth), np.finfo(float).eps), dtype=float)  # scikit-learn's


def _symmetric_error(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    """In percent, 0 to 200; nothing predicted where there is nothing is right."""
    truth, guess = _numbers(competition, actual, predicted)
    size = np.abs(truth) + np.abs(guess)
    return np.asarray(np.where(size > 0, 200 * np.abs(guess - truth) / np.where(size > 0, size, 1.0), 0.0), dtype=float)


def _squared_chance_error(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
    guess = predicted[competition.prediction_columns[0]].to_numpy(dtype=float)
    return np.asarray(np.square(guess - (actual.to_numpy(dtype=object) == competition.positive_class)), dtype=float)


def _median_error(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
    return weighted_median(_absolute_error(competition, actual, predicted), weights)


def _pearson(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
    return weighted_correlation(*_numbers(competition, actual, predicted), weights)


def _spearman(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
    truth, guess = (weighted_ranks(side, weights) for side in _numbers(competition, actual, predicted))
    return weighted_correlation(truth, guess, weights)


def _gini(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
    """Of two classes, the normalised Gini coefficient is 2 AUC − 1."""
    return 2 * _area_under_curve(competition, actual, predicted, weights) - 1


def _f_beta(beta: float) -> CellScore:
    def score(competition: Competition, actual: npt.NDArray[np.intp], predicted: npt.NDArray[np.intp], weights: Floats) -> float:
        positive = competition.classes.index(competition.positive_class or competition.classes[-1])
        truth, guess = actual == positive, predicted == positive
        return float(sklearn_metrics.fbeta_score(truth, guess, beta=beta, sample_weight=weights, zero_division=np.nan))

    return score


BINARY: frozenset[Task] = frozenset({"binary"})
CLASSES: frozenset[Task] = frozenset({"binary", "multiclass"})
NUMBER: frozenset[Task] = frozenset({"regression"})

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", True, "probability", BINARY, _area_under_curve),
        Metric("gini", True, "probability", BINARY, _gini),
        Metric("brier", False, "probability", BINARY, _mean_loss(_squared_chance_error)),
        Metric("log_loss", False, "probability", CLASSES, _mean_loss(_cross_entropy)),
        Metric("accuracy", True, "label", CLASSES, _mean_loss(_correct)),
        Metric("balanced_accuracy", True, "label", CLASSES, _labelled(_balanced_accuracy)),
        Metric("f1", True, "label", BINARY, _labelled(_f1)),
        Metric("f0.5", True, "label", BINARY, _labelled(_f_beta(0.5))),
        Metric("f2", True, "label", BINARY, _labelled(_f_beta(2.0))),
        Metric("f1_micro", True, "label", CLASSES, _mean_loss(_correct)),  # of one label a row it is the accuracy
        Metric("f1_macro", True, "label", CLASSES, _labelled(_f1_macro)),
        Metric("mcc", True, "label", CLASSES, _labelled(_matthews)),
        Metric("quadratic_weighted_kappa", True, "label", CLASSES, _labelled(_kappa), numeric_labels=True),
        Metric("rmse", False, "number", NUMBER, _mean_loss(_squared_error, np.sqrt)),
        Metric("rmsle", False, "number", NUMBER, _mean_loss(_squared_log_error, np.sqrt), non_negative=True),
        Metric("mae", False, "number", NUMBER, _mean_loss(_absolute_error)),
        Metric("medae", False, "number", NUMBER, _median_error),
        Metric("mape", False, "number", NUMBER, _mean_loss(_relative_error)),
        Metric("smape", False, "number", NUMBER, _mean_loss(_symmetric_error)),
        Metric("r2", True, "number", NUMBER, _determination),
        Metric("pearson", True, "number", NUMBER, _pearson),
        Metric("spearman", True, "number", NUMBER, _spearman),
    )
}


def metric_of(competition: Competition) -> Metric:
    """The competition's metric."""
    return METRICS[competition.metric]
