"""The statistics of a benchmark with few runs, after Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice"
(NeurIPS 2021; their package rliable): interquartile means and performance profiles with a stratified bootstrap, and how often A beats B.

Scores come as one array a task (competition), each of the runs of one contender on it, shape (runs,); larger is better.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Tasks = Sequence[Floats]

RESAMPLES = 2_000
CONFIDENCE = 0.95
NORMAL_QUANTILE = 1.959963984540054
"""Of CONFIDENCE, two-sided."""


@dataclass(frozen=True)
class Estimate:
    """A value with its confidence interval."""

    value: float
    low: float
    high: float


def interquartile_mean(scores: npt.ArrayLike) -> float:
    """The mean of the middle half of all values: a quarter of them is cut off at each end, and the values at the edges count in part.

    With whole quarters it is scipy's `trim_mean(scores, 0.25)`; with others nothing depends on how many values there happen to be.

    Raises:
        ValueError: there are no values.
    """
    ordered = np.sort(np.asarray(scores, dtype=float).ravel())
    count = len(ordered)
    if not count:
        raise ValueError("an interquartile mean of no values")
    edges = np.arange(count + 1) / count
    weights = np.clip(np.minimum(edges[1:], 0.75) - np.maximum(edges[:-1], 0.25), 0, None)
    return float(weights @ ordered / weights.sum())


def pooled(tasks: Tasks) -> Floats:
    """The runs of all tasks together."""
    return np.concatenate(list(tasks)) if tasks else np.empty(0)


def stratified_bootstrap(tasks: Tasks, statistic: Callable[[Tasks], float], resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """The statistic, and percentiles of what it is when the runs of each task are drawn again with replacement, task by task.

    With one run a task there is nothing to draw: the interval is the value.
    """
    rng = np.random.default_rng(seed)
    drawn = [statistic([task[rng.integers(0, len(task), len(task))] for task in tasks]) for _ in range(resamples)]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(statistic(tasks), float(low), float(high))


def iqm(tasks: Tasks) -> Estimate:
    """The interquartile mean over all runs of all tasks."""
    return stratified_bootstrap(tasks, lambda drawn: interquartile_mean(pooled(drawn)))


def performance_profile(tasks: Tasks, thresholds: npt.ArrayLike) -> Floats:
    """The share of runs above each threshold, each task having the same weight; shape (thresholds,)."""
    levels = np.asarray(thresholds, dtype=float)
    return np.asarray(np.mean([(task[:, None] > levels).mean(axis=0) for task in tasks], axis=0))


def profile_band(tasks: Tasks, thresholds: npt.ArrayLike, resamples: int = RESAMPLES, seed: int = 0) -> tuple[Floats, Floats]:
    """(low, high) of the profile at each threshold, by the stratified bootstrap."""
    rng = np.random.default_rng(seed)
    drawn = [performance_profile([task[rng.integers(0, len(task), len(task))] for task in tasks], thresholds) for _ in range(resamples)]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return low, high


def probability_of_improvement(first: Tasks, second: Tasks) -> float:
    """How often a run of `first` beats a run of `second` on the same task, ties counting half; the mean over tasks (Mann-Whitney)."""
    wins = [np.mean((ours[:, None] > theirs) + 0.5 * (ours[:, None] == theirs)) for ours, theirs in zip(first, second, strict=True)]
    return float(np.mean(wins))


def improvement(first: Tasks, second: Tasks, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """The probability of improvement with its interval; the runs of both are drawn again."""
    rng = np.random.default_rng(seed)

    def draw(tasks: Tasks) -> list[Floats]:
        return [task[rng.integers(0, len(task), len(task))] for task in tasks]

    drawn = [probability_of_improvement(draw(first), draw(second)) for _ in range(resamples)]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(probability_of_improvement(first, second), float(low), float(high))


def share(hits: int, count: int) -> Estimate:
    """A share with Wilson's score interval, which is right for few runs and for shares of 0 and 1.

    Raises:
        ValueError: of no runs.
    """
    if not count:
        raise ValueError("a share of no runs")
    z2 = NORMAL_QUANTILE**2
    value = hits / count
    middle = (value + z2 / (2 * count)) / (1 + z2 / count)
    half = NORMAL_QUANTILE / (1 + z2 / count) * sqrt(value * (1 - value) / count + z2 / (4 * count**2))
    return Estimate(value, max(0.0, middle - half), min(1.0, middle + half))


def between(value: float | None, worst: float, best: float) -> float:
    """Where a score lies between the worst (0) and the best (1) of its task, in the metric's direction; no score is 0, all equal 0.5."""
    if value is None:
        return 0.0
    return 0.5 if best == worst else (value - worst) / (best - worst)
