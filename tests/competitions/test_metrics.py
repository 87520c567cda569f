import time
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import metrics as reference

from competitions import METRICS, Competition, Pixels, Validation

LABELS = {"binary": ("no", "yes"), "multiclass": ("1", "2", "3", "4"), "tags": ("1", "2", "3", "4")}


def competition_for(metric: str, task: str) -> Competition:
    classes = LABELS.get(task, ())
    return Competition(
        id="made",
        metric=metric,
        task=task,  # type: ignore[arg-type]
        target_columns=("y",),
        prediction_columns=classes if task == "multiclass" and METRICS[metric].prediction == "probability" else ("y",),
        classes=classes,
        positive_class="yes" if task == "binary" else None,
        files=(),
        validation=Validation(split="plain"),
        folder=Path(),
    )


def rows_for(competition: Competition, count: int, seed: int) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    columns = list(competition.prediction_columns)
    kind = METRICS[competition.metric].prediction
    if kind == "number":
        actual = pd.Series(rng.gamma(2.0, 3.0, count))
        return actual, pd.DataFrame({"y": actual * rng.uniform(0.5, 1.5, count)})
    if kind == "ranking":
        labels = np.array(competition.classes)
        actual = pd.Series(
            [" ".join(rng.choice(labels, rng.integers(1, 4) if competition.task == "tags" else 1, replace=False)) for _ in range(count)]
        )
        return actual, pd.DataFrame({"y": [" ".join(rng.permutation(labels)[: rng.integers(0, len(labels))]) for _ in range(count)]})
    if kind in ("text", "pixel"):
        texts = ["a b c", "A  c", "", "abcd e", "b"] if kind == "text" else ["", "1 4", "3 2 9 5", "2 7 10 1", "5 1"]
        return pd.Series(rng.choice(texts, count)), pd.DataFrame({"y": rng.choice(texts, count)})
    actual = pd.Series(rng.choice(competition.classes, count))
    if kind == "label":
        return actual, pd.DataFrame({"y": np.where(rng.random(count) < 0.6, actual, rng.choice(competition.classes, count))})
    values = rng.dirichlet(np.ones(len(columns)), count) if len(columns) > 1 else np.round(rng.random((count, 1)), 2)  # rounded: ties
    return actual, pd.DataFrame(values, columns=columns)


def repeated(values: pd.Series, counts: np.ndarray) -> np.ndarray:
    return np.repeat(values.to_numpy(), counts.astype(int))


def gains(actual: np.ndarray, guess: pd.Series, classes: tuple[str, ...], most: int) -> list[float]:
    """scikit-learn's NDCG, a row at a time: what is not ranked stands behind, in an order that brings nothing."""
    scores = []
    for truth, cell in zip(actual, guess, strict=True):
        ranked, relevant = cell.split()[:most], truth.split()
        order = [*ranked, *sorted({*classes} - {*ranked, *relevant}), *[label for label in relevant if label not in ranked]]
        cut = min(most, len(ranked)) or 1
        worth = [[float(label in relevant) for label in order]]
        best = reference.dcg_score(worth, worth, k=most, ignore_ties=True)
        found = reference.dcg_score(worth, [list(range(len(order), 0, -1))], k=cut) if ranked else 0.0
        scores.append(found / best)
    return scores


def precisions(actual: np.ndarray, guess: pd.Series, most: int) -> list[float]:
    scores = []
    for truth, cell in zip(actual, guess, strict=True):
        relevant, ranked = set(truth.split()), cell.split()[:most]
        hits = [len(relevant & set(ranked[: place + 1])) / (place + 1) for place, label in enumerate(ranked) if label in relevant]
        scores.append(sum(hits) / min(len(relevant), most))
    return scores


@cache
def edits(first: str, second: str) -> int:
    if not first or not second:
        return len(first) + len(second)
    swapped = edits(first[1:], second[1:]) + (first[0] != second[0])
    return min(swapped, edits(first[1:], second) + 1, edits(first, second[1:]) + 1)


def overlap(first: set[str], second: set[str]) -> float:
    return len(first & second) / len(first | second) if first | second else 1.0


def pixels(cell: str) -> set[int]:
    numbers = [int(part) for part in cell.split()]
    return {start + step for start, length in zip(numbers[::2], numbers[1::2], strict=True) for step in range(length)}


def shared(first: set[int], second: set[int]) -> float:
    return 2 * len(first & second) / (len(first) + len(second)) if first or second else 1.0


def by_scikit_learn(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: np.ndarray) -> float:
    guess = predicted[competition.prediction_columns[0]] if len(predicted.columns) == 1 else predicted.to_numpy()
    binary = competition.task == "binary"
    functions: dict[str, Callable[..., float]] = {
        "roc_auc": lambda a, p, **w: reference.roc_auc_score(a == "yes", p, **w),
        "log_loss": lambda a, p, **w: (
            reference.log_loss(a == "yes", p, **w) if binary else reference.log_loss(a, p, labels=LABELS["multiclass"], **w)
        ),
        "accuracy": reference.accuracy_score,
        "balanced_accuracy": reference.balanced_accuracy_score,
        "f1": lambda a, p, **w: reference.f1_score(a == "yes", p == "yes", **w),
        "f1_macro": lambda a, p, **w: reference.f1_score(a, p, average="macro", **w),
        "mcc": reference.matthews_corrcoef,
        "quadratic_weighted_kappa": lambda a, p, **w: reference.cohen_kappa_score(a.astype(int), p.astype(int), weights="quadratic", **w),
        "rmse": reference.root_mean_squared_error,
        "rmsle": reference.root_mean_squared_log_error,
        "mae": reference.mean_absolute_error,
        "r2": reference.r2_score,
        "f0.5": lambda a, p, **w: reference.fbeta_score(a == "yes", p == "yes", beta=0.5, **w),
        "f2": lambda a, p, **w: reference.fbeta_score(a == "yes", p == "yes", beta=2, **w),
        "f1_micro": lambda a, p, **w: reference.f1_score(a, p, average="micro", **w),
        "gini": lambda a, p, **w: 2 * reference.roc_auc_score(a == "yes", p, **w) - 1,
        "brier": lambda a, p, **w: reference.brier_score_loss(a == "yes", p, **w),
        "mape": reference.mean_absolute_percentage_error,
        "medae": lambda a, p, sample_weight: np.median(np.abs(repeated(p - a, sample_weight))),
        "smape": lambda a, p, sample_weight: np.average(200 * np.abs(p - a) / (np.abs(a) + np.abs(p)), weights=sample_weight),
        "pearson": lambda a, p, sample_weight: stats.pearsonr(repeated(a, sample_weight), repeated(p, sample_weight)).statistic,
        "pinball@0.5": lambda a, p, **w: reference.mean_pinball_loss(a, p, alpha=0.5, **w),
        "jaccard": lambda a, p, sample_weight: np.average(
            [overlap(set(x.lower().split()), set(y.lower().split())) for x, y in zip(a, p, strict=True)], weights=sample_weight
        ),
        "edit_distance": lambda a, p, sample_weight: np.average([edits(x, y) for x, y in zip(a, p, strict=True)], weights=sample_weight),
        "dice": lambda a, p, sample_weight: np.average(
            [shared(pixels(x), pixels(y)) for x, y in zip(a, p, strict=True)], weights=sample_weight
        ),
        "spearman": lambda a, p, sample_weight: stats.spearmanr(repeated(a, sample_weight), repeated(p, sample_weight)).statistic,
    }
    for most in (3, 5):
        functions[f"map@{most}"] = lambda a, p, sample_weight, k=most: np.average(precisions(a, p, k), weights=sample_weight)
        functions[f"ndcg@{most}"] = lambda a, p, sample_weight, k=most: np.average(
            gains(a, p, competition.classes, k), weights=sample_weight
        )
    return float(functions[competition.metric](actual, guess, sample_weight=weights))


CASES = [
    (name, task) for name, metric in METRICS.items() for task in sorted(metric.tasks) if not (metric.numeric_labels and task == "binary")
]


@pytest.mark.parametrize(("name", "task"), CASES)
def test_score_is_scikit_learns(name: str, task: str) -> None:
    competition = competition_for(name, task)
    actual, predicted = rows_for(competition, 300, 1)
    assert METRICS[name].score(competition, actual, predicted) == pytest.approx(
        by_scikit_learn(competition, actual, predicted, np.ones(300)), rel=1e-12
    )


@pytest.mark.parametrize(("name", "task"), CASES)
def test_bootstrap_equals_a_loop_over_scikit_learn(name: str, task: str) -> None:
    competition = competition_for(name, task)
    actual, predicted = rows_for(competition, 200, 2)
    weights = np.random.default_rng(3).multinomial(200, np.full(200, 1 / 200), size=20).astype(float)
    one_by_one = [by_scikit_learn(competition, actual, predicted, row) for row in weights]
    np.testing.assert_allclose(METRICS[name].bootstrap(competition, actual, predicted, weights), one_by_one, rtol=1e-10)


def test_area_under_the_curve_of_thousands_of_rows_is_bootstrapped_in_half_a_second() -> None:
    competition = competition_for("roc_auc", "binary")
    actual, predicted = rows_for(competition, 6_500, 4)
    weights = np.random.default_rng(5).multinomial(6_500, np.full(6_500, 1 / 6_500), size=200).astype(float)
    start = time.perf_counter()
    scores = METRICS["roc_auc"].bootstrap(competition, actual, predicted, weights)
    assert time.perf_counter() - start < 0.5
    assert scores[7] == pytest.approx(by_scikit_learn(competition, actual, predicted, weights[7]), abs=1e-12)


@pytest.mark.parametrize("name", ["roc_auc", "quadratic_weighted_kappa", "r2"])
def test_a_metric_is_undefined_where_the_truth_has_one_value_only(name: str) -> None:
    task = {"roc_auc": "binary", "r2": "regression"}.get(name, "multiclass")
    competition = competition_for(name, task)
    value: object = {"binary": "yes", "multiclass": "2"}.get(task, 5.0)
    guess: object = 0.5 if task == "binary" else value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        score = METRICS[name].score(competition, pd.Series([value] * 4), pd.DataFrame({"y": [guess] * 4}))
    assert np.isnan(score)


def test_log_loss_divides_by_the_row_sum_and_is_finite_for_a_sure_mistake() -> None:
    competition = competition_for("log_loss", "multiclass")
    actual = pd.Series(["1", "2"])
    predicted = pd.DataFrame([[0.2, 0.2, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], columns=list("1234"))
    assert METRICS["log_loss"].score(competition, actual[:1], predicted[:1]) == pytest.approx(np.log(2))
    assert 30 < METRICS["log_loss"].score(competition, actual[1:], predicted[1:]) < 40


def test_kappa_measures_distances_between_labels_not_ranks() -> None:
    competition = competition_for("quadratic_weighted_kappa", "multiclass").model_copy(update={"classes": ("0", "1", "10")})
    actual = pd.Series(["0", "1", "10", "10"])
    near = pd.DataFrame({"y": ["1", "1", "10", "10"]})
    far = pd.DataFrame({"y": ["0", "10", "10", "10"]})
    kappa = METRICS["quadratic_weighted_kappa"]
    assert kappa.score(competition, actual, near) > 0.99 > kappa.score(competition, actual, far)


def test_the_score_of_several_targets_is_the_mean_of_theirs() -> None:
    one = competition_for("rmse", "regression")
    both = one.model_copy(update={"target_columns": ("y", "z"), "prediction_columns": ("y", "z")})
    actual = pd.Series([(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)])
    predicted = pd.DataFrame({"y": [2.0, 3.0, 4.0], "z": [13.0, 23.0, 33.0]})
    assert METRICS["rmse"].score(both, actual, predicted) == pytest.approx(2.0)
    assert METRICS["rmse"].bootstrap(both, actual, predicted, np.ones((4, 3))) == pytest.approx([2.0] * 4)


def test_labels_of_several_targets_are_scored_one_by_one() -> None:
    both = competition_for("roc_auc", "binary").model_copy(
        update={"target_columns": ("y", "z"), "prediction_columns": ("y", "z"), "task": "multilabel"}
    )
    actual = pd.Series([("yes", "no"), ("no", "yes"), ("no", "no"), ("yes", "yes")])
    predicted = pd.DataFrame({"y": [0.9, 0.1, 0.2, 0.8], "z": [0.9, 0.1, 0.8, 0.2]})
    assert METRICS["roc_auc"].score(both, actual, predicted) == pytest.approx(0.5)


def test_rows_of_different_number_are_refused() -> None:
    competition = competition_for("mae", "regression")
    with pytest.raises(ValueError, match="rows differ"):
        METRICS["mae"].score(competition, pd.Series([1.0, 2.0]), pd.DataFrame({"y": [1.0]}))


def test_some_metrics_come_with_any_number() -> None:
    assert METRICS["map@12"].most_ranked == 12
    assert METRICS["f0.25"].prediction == "label"
    assert "pinball@0.9" in METRICS
    for name in ("map@0", "map@", "pinball@2", "f", "nothing"):
        assert name not in METRICS
    competition = competition_for("pinball@0.9", "regression")
    assert METRICS["pinball@0.9"].score(competition, pd.Series([1.0]), pd.DataFrame({"y": [0.0]})) == pytest.approx(0.9)


def test_every_score_lies_within_the_bounds_of_its_metric() -> None:
    for name, task in CASES:
        competition = competition_for(name, task)
        low, high = METRICS[name].bounds
        assert low <= METRICS[name].score(competition, *rows_for(competition, 50, 6)) <= high


def test_every_pixel_of_pictures_as_targets_counts_alike() -> None:
    flat = competition_for("rmse", "regression")
    pictures = flat.model_copy(update={"pixels": Pixels(id_pattern="{image}_{row}_{column}")})
    actual = pd.Series([np.array([0.0, 1.0, 1.0]), np.array([0.5])])
    predicted = pd.DataFrame({"y": pd.Series([np.array([0.0, 0.5, 1.0]), np.array([1.0])])})
    assert METRICS["rmse"].score(pictures, actual, predicted) == pytest.approx(np.sqrt(0.5 / 4))
    assert METRICS["rmse"].bootstrap(pictures, actual, predicted, np.array([[1.0, 0.0], [0.0, 2.0]])) == pytest.approx(
        [np.sqrt(0.25 / 3), 0.5]
    )
