import numpy as np
import pandas as pd
import pytest

from competitions import Competition, Predictions, Validation
from evaluation import compare

ROWS = 400


def competition(metric: str, task: str = "regression") -> Competition:
    return Competition.model_validate(
        {
            "id": "toy",
            "metric": metric,
            "task": task,
            "target_columns": ("y",),
            "prediction_columns": ("y",),
            "classes": ("0", "1") if task == "binary" else (),
            "positive_class": "1" if task == "binary" else None,
            "files": (),
            "validation": Validation(split="plain"),
            "folder": ".",
        }
    )


def predictions(values: np.ndarray) -> list[Predictions]:
    frame = pd.DataFrame({"y": values})
    return [Predictions(frame.iloc[: ROWS // 2], frame.iloc[:0]), Predictions(frame.iloc[ROWS // 2 :], frame.iloc[:0])]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_positive_means_better_whatever_the_direction_of_the_metric(rng: np.random.Generator) -> None:
    actual = pd.Series(rng.normal(size=ROWS))
    good, bad = (predictions(actual.to_numpy() + rng.normal(scale=scale, size=ROWS)) for scale in (0.1, 0.5))
    assert compare(competition("rmse"), actual, good, bad).delta > 0
    assert compare(competition("rmse"), actual, bad, good).delta < 0
    labels = pd.Series(np.where(actual > 0, "1", "0"))
    sure, unsure = (predictions(1 / (1 + np.exp(-(actual.to_numpy() + noise)))) for noise in (0.0, rng.normal(size=ROWS)))
    assert compare(competition("roc_auc", "binary"), labels, sure, unsure).delta > 0


def test_what_is_hard_for_both_cancels_out(rng: np.random.Generator) -> None:
    """A paired standard error is far below that of the score itself when the two mostly agree."""
    actual, noise = pd.Series(rng.normal(size=ROWS)), rng.normal(size=ROWS)
    base = predictions(actual.to_numpy() + noise)
    twin = predictions(actual.to_numpy() + noise + rng.normal(scale=0.01, size=ROWS))
    stranger = predictions(actual.to_numpy() + rng.normal(size=ROWS))
    assert (
        compare(competition("rmse"), actual, base, twin).standard_error
        < 0.1 * compare(competition("rmse"), actual, base, stranger).standard_error
    )


def test_equal_predictions_differ_by_nothing(rng: np.random.Generator) -> None:
    actual = pd.Series(rng.normal(size=ROWS))
    same = predictions(rng.normal(size=ROWS))
    comparison = compare(competition("rmse"), actual, same, same)
    assert (comparison.delta, comparison.standard_error) == (0.0, 0.0)


def test_the_standard_error_is_that_of_repeated_samples(rng: np.random.Generator) -> None:
    def delta_and_error() -> tuple[float, float]:
        actual = pd.Series(rng.normal(size=ROWS))
        a, b = (predictions(actual.to_numpy() + rng.normal(scale=scale, size=ROWS)) for scale in (0.5, 0.6))
        comparison = compare(competition("rmse"), actual, a, b)
        return comparison.delta, comparison.standard_error

    deltas, errors = zip(*(delta_and_error() for _ in range(60)), strict=True)
    assert np.mean(errors) == pytest.approx(np.std(deltas), rel=0.35)


def test_equal_arguments_give_equal_comparisons(rng: np.random.Generator) -> None:
    actual = pd.Series(rng.normal(size=ROWS))
    a, b = predictions(rng.normal(size=ROWS)), predictions(rng.normal(size=ROWS))
    assert compare(competition("rmse"), actual, a, b) == compare(competition("rmse"), actual, a, b)
