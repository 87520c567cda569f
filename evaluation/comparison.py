"""Is one candidate better than another? Paired on the same held-out rows, with a standard error."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pandas as pd

from competitions import Competition, Predictions, metric_of

DRAWS = 200
CELLS_AT_ONCE = 4_000_000
"""Bounds the memory of the weights: draws × rows."""
REMEMBERED = 512
"""Folds of candidates whose resampled scores are kept: the base of a study and an incumbent are compared again and again."""


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
    metric = metric_of(competition)
    sign = 1.0 if metric.greater_is_better else -1.0
    deltas, draws = [], []
    for position, (one, other) in enumerate(zip(first, second, strict=True)):
        rows = one.held_out.index.intersection(other.held_out.index)
        actual, a, b = answers.loc[rows], one.held_out.loc[rows], other.held_out.loc[rows]
        deltas.append(sign * (metric.score(competition, actual, a) - metric.score(competition, actual, b)))
        resampled = [_resampled(competition, actual, predicted, (seed, position)) for predicted in (a, b)]
        draws.append(sign * (resampled[0] - resampled[1]))
    return Comparison(float(np.nanmean(deltas)), float(np.nanstd(np.nanmean(draws, axis=0), ddof=1)))


_remembered: OrderedDict[str, np.ndarray] = OrderedDict()
_lock = Lock()


def _resampled(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, seed: tuple[int, int]) -> np.ndarray:
    """Scores under DRAWS resamples, shape (DRAWS,): of equal rows always the same resamples, whatever is compared with what."""
    key = _digest(competition, actual, predicted, seed)
    with _lock:
        known = _remembered.get(key) if key else None
    if known is None:
        metric = metric_of(competition)
        weights = _weights(np.random.default_rng(seed), len(actual))
        known = np.concatenate([metric.bootstrap(competition, actual, predicted, each) for each in weights])
    if key:
        with _lock:
            _remembered[key] = known
            _remembered.move_to_end(key)
            while len(_remembered) > REMEMBERED:
                _remembered.popitem(last=False)
    return known


def _digest(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, seed: tuple[int, int]) -> str:
    """Of everything that a resampled score depends on; empty where cells are lists or pictures, which have no quick digest."""
    digest = hashlib.sha256(f"{competition.model_dump_json()}{seed}{list(predicted)}".encode())
    try:
        for values in (actual, predicted):
            digest.update(pd.util.hash_pandas_object(values).to_numpy().tobytes())
    except TypeError:
        return ""
    return digest.hexdigest()


def _weights(rng: np.random.Generator, rows: int) -> list[np.ndarray]:
    """DRAWS resamples as row counts, in chunks (draws, rows)."""
    at_once = max(1, min(DRAWS, CELLS_AT_ONCE // rows))
    sizes = [min(at_once, DRAWS - start) for start in range(0, DRAWS, at_once)]
    return [_counts(rng.integers(0, rows, (size, rows)), rows) for size in sizes]


def _counts(drawn: np.ndarray, rows: int) -> np.ndarray:
    """How often each row was drawn, a line a resample. Much faster than multinomial draws of the counts."""
    lines = np.arange(len(drawn))[:, None] * rows
    return np.bincount((drawn + lines).ravel(), minlength=len(drawn) * rows).reshape(len(drawn), rows).astype(float)
