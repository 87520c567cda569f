"""The metrics by their names in the field, and the ways of scoring that are not scikit-learn's."""

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn import metrics as sklearn_metrics

from competitions.custom import CUSTOM, custom_metric, read_custom
from competitions.masks import dice
from competitions.metric import CellScore, Floats, Metric, RowLoss, labelled, mean_loss
from competitions.model import Competition, Task
from competitions.ranked import average_precision, discounted_gain, each_row
from competitions.texts import edit_distance, word_overlap
from competitions.weighted import weighted_correlation, weighted_median, weighted_ranks


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


def _pinball(quantile: float) -> RowLoss:
    def loss(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
        truth, guess = _numbers(competition, actual, predicted)
        return np.maximum(quantile * (truth - guess), (quantile - 1) * (truth - guess))

    return loss


def _of_texts(likeness: Callable[[str, str], float]) -> RowLoss:
    def loss(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
        pairs = zip(actual, predicted[competition.prediction_columns[0]], strict=True)
        return np.array([likeness(truth, guess) for truth, guess in pairs], dtype=float)

    return loss


BINARY: frozenset[Task] = frozenset({"binary"})
CLASSES: frozenset[Task] = frozenset({"binary", "multiclass"})
NUMBER: frozenset[Task] = frozenset({"regression"})
RANKED: frozenset[Task] = frozenset({"multiclass", "tags"})
TEXT: frozenset[Task] = frozenset({"text"})
MASK: frozenset[Task] = frozenset({"mask"})
SHARE, CENTRED, PERCENT = (0.0, 1.0), (-1.0, 1.0), (0.0, 200.0)


def _f_score(beta: float) -> Metric:
    return Metric(f"f{beta:g}", True, "label", BINARY, labelled(_f_beta(beta)), SHARE)


def _precision_at(most: int) -> Metric:
    return Metric(f"map@{most}", True, "ranking", RANKED, mean_loss(each_row(average_precision, most)), SHARE, most_ranked=most)


def _gain_at(most: int) -> Metric:
    return Metric(f"ndcg@{most}", True, "ranking", RANKED, mean_loss(each_row(discounted_gain, most)), SHARE, most_ranked=most)


def _quantile_loss(quantile: float) -> Metric:
    return Metric(f"pinball@{quantile:g}", False, "number", NUMBER, mean_loss(_pinball(quantile)))


class Metrics(dict[str, Metric]):
    """Metrics by name. Of some there is one for every number: 'map@12', 'ndcg@5', 'pinball@0.9', 'f0.5'."""

    def __missing__(self, name: str) -> Metric:
        found = re.fullmatch(r"(map@|ndcg@)([1-9]\d*)|(pinball@)(0?\.\d+)|(f)(\d+(?:\.\d+)?)", name)
        if found is None:
            raise KeyError(name)
        family, number = (part for part in found.groups() if part)
        makers: dict[str, Callable[[float], Metric]] = {
            "map@": lambda most: _precision_at(int(most)),
            "ndcg@": lambda most: _gain_at(int(most)),
            "pinball@": _quantile_loss,
            "f": _f_score,
        }
        return makers[family](float(number))

    def __contains__(self, name: object) -> bool:
        try:
            return super().__contains__(name) or bool(self[str(name)])
        except KeyError:
            return False


METRICS = Metrics(
    (metric.name, metric)
    for metric in (
        Metric("roc_auc", True, "probability", BINARY, _area_under_curve, SHARE),
        Metric("gini", True, "probability", BINARY, _gini, CENTRED),
        Metric("brier", False, "probability", BINARY, mean_loss(_squared_chance_error), SHARE),
        Metric("log_loss", False, "probability", CLASSES, mean_loss(_cross_entropy)),
        Metric("accuracy", True, "label", CLASSES, mean_loss(_correct), SHARE),
        Metric("balanced_accuracy", True, "label", CLASSES, labelled(_balanced_accuracy), SHARE),
        Metric("f1", True, "label", BINARY, labelled(_f1), SHARE),
        _f_score(0.5),
        _f_score(2.0),
        Metric("f1_micro", True, "label", CLASSES, mean_loss(_correct), SHARE),  # of one label a row it is the accuracy
        Metric("f1_macro", True, "label", CLASSES, labelled(_f1_macro), SHARE),
        Metric("mcc", True, "label", CLASSES, labelled(_matthews), CENTRED),
        Metric("quadratic_weighted_kappa", True, "label", CLASSES, labelled(_kappa), CENTRED, numeric_labels=True),
        _precision_at(3),
        _precision_at(5),
        _gain_at(5),
        Metric("rmse", False, "number", NUMBER, mean_loss(_squared_error, np.sqrt)),
        Metric("rmsle", False, "number", NUMBER, mean_loss(_squared_log_error, np.sqrt), non_negative=True),
        Metric("mae", False, "number", NUMBER, mean_loss(_absolute_error)),
        Metric("medae", False, "number", NUMBER, _median_error),
        Metric("mape", False, "number", NUMBER, mean_loss(_relative_error)),
        Metric("smape", False, "number", NUMBER, mean_loss(_symmetric_error), PERCENT),
        _quantile_loss(0.5),
        Metric("r2", True, "number", NUMBER, _determination, (-np.inf, 1.0)),
        Metric("pearson", True, "number", NUMBER, _pearson, CENTRED),
        Metric("spearman", True, "number", NUMBER, _spearman, CENTRED),
        Metric("jaccard", True, "text", TEXT, mean_loss(_of_texts(word_overlap)), SHARE),
        Metric("edit_distance", False, "text", TEXT, mean_loss(_of_texts(edit_distance))),
        Metric("dice", True, "pixel", MASK, mean_loss(_of_texts(dice)), SHARE),
    )
)
OTHER_NAMES = {
    "auc": "roc_auc",
    "logloss": "log_loss",
    "qwk": "quadratic_weighted_kappa",
    "mcrmse": "rmse",
    "mcrmsle": "rmsle",
    "mean_columnwise_auc": "roc_auc",
    "levenshtein": "edit_distance",
}
"""What some call them; of several targets, every metric is the mean over their columns."""


def metric_of(competition: Competition) -> Metric:
    """The competition's metric: one of METRICS, or the score of its competition.py."""
    if competition.metric == CUSTOM and competition.script is not None:
        return custom_metric(read_custom(competition.script))
    return METRICS[competition.metric]


def can_be_stacked(competition: Competition) -> bool:
    """Whether predictions are numbers, labels or chances of one target, so that a model can learn from them."""
    kinds = ("number", "label", "probability")
    return len(competition.target_columns) == 1 and competition.pixels is None and metric_of(competition).prediction in kinds
