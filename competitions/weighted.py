"""Statistics of rows with weights, many weightings at once: `weights` is B × n, results are (B,), NaN where they are undefined."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """Median of the rows repeated as often as they weigh; between two middle values, their mean."""
    order = np.argsort(values, kind="stable")
    ranked, below = values[order], np.cumsum(weights[:, order], axis=1)
    half = below[:, -1:] / 2
    left = (below >= half - 1e-9).argmax(axis=1)
    right = (below > half + 1e-9).argmax(axis=1)
    return np.asarray((ranked[left] + ranked[right]) / 2, dtype=float)


def weighted_correlation(first: Floats, second: Floats, weights: Floats) -> Floats:
    """Pearson's correlation; each of `first`, `second` is (n,) or B × n."""
    total = weights.sum(axis=1, keepdims=True)
    one, other = (side - (weights * side).sum(axis=1, keepdims=True) / total for side in (first, second))
    covariance = (weights * one * other).sum(axis=1)
    spread = (weights * one**2).sum(axis=1) * (weights * other**2).sum(axis=1)
    return np.asarray(np.where(spread > 0, covariance / np.sqrt(np.where(spread > 0, spread, 1.0)), np.nan), dtype=float)


def weighted_ranks(values: Floats, weights: Floats) -> Floats:
    """B × n: the mean rank of each row among the rows repeated as often as they weigh; ties share theirs."""
    distinct, where = np.unique(values, return_inverse=True)
    order = np.argsort(where, kind="stable")
    starts = np.searchsorted(where[order], np.arange(len(distinct)))
    of_tie = np.add.reduceat(weights[:, order], starts, axis=1)
    ranks = np.cumsum(of_tie, axis=1) - of_tie / 2
    return np.asarray(ranks[:, where], dtype=float)
