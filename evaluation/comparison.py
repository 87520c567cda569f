"""Is one candidate better than another? Paired on the same held-out rows, with a standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from competitions import Competition, Predictions, metric_of

DRAWS = 200
CELLS_AT_ONCE = 4_000_000
"""Bounds the memory of the weights: draws × rows."""


@dataclass(frozen=True)
class Comparison:
    """How much better the first is than the second, in the metric's units; positive is better whatever the metric's direction."""

    delta: float
    standard_error: float


def compare(
    competition: Competition, answers: pd.Series, first: Sequence[Predictions], second: Sequence[Predictions], seed: int = 0
) -> Comparison:
    """Mean over folds of the difference of scores, and its standard error by a paired bootstrap over the rows of each fold.

    The bootstrap (Efron & Tibshirani 1993, chapter 6) draws the same rows for both, so that what is hard for both cancels out; it gives a
    standard error for one holdout too. Folds on which the metric is undefined are left out.
    """
    metric, rng = metric_of(competition), np.random.default_rng(seed)
    sign = 1.0 if metric.greater_is_better else -1.0
    deltas, draws = [], []
    for one, other in zip(first, second, strict=True):
        rows = one.held_out.index.intersection(other.held_out.index)
        actual, a, b = answers.loc[rows], one.held_out.loc[rows], other.held_out.loc[rows]
        deltas.append(sign * (metric.score(competition, actual, a) - metric.score(competition, actual, b)))
        resampled = [
            metric.bootstrap(competition, actual, a, weights) - metric.bootstrap(competition, actual, b, weights)
            for weights in _weights(rng, len(rows))
        ]
        draws.append(sign * np.concatenate(resampled))
    return Comparison(float(np.nanmean(deltas)), float(np.nanstd(np.nanmean(draws, axis=0), ddof=1)))


def _weights(rng: np.random.Generator, rows: int) -> list[np.ndarray]:
    """DRAWS resamples as row counts, in chunks (draws, rows)."""
    at_once = max(1, min(DRAWS, CELLS_AT_ONCE // rows))
    sizes = [min(at_once, DRAWS - start) for start in range(0, DRAWS, at_once)]
    return [rng.multinomial(rows, np.full(rows, 1 / rows), size=size).astype(float) for size in sizes]
