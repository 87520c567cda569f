"""The statistics against numbers worked out by hand, and against scipy where it has the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, trim_mean

from reports.benchmark import statistics as stats

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def arrays(*tasks: list[float]) -> list[np.ndarray]:
    return [np.array(task, dtype=float) for task in tasks]


@pytest.mark.parametrize(
    ("scores", "mean"),
    [
        ([1, 2, 3, 4], 2.5),
        ([4, 1, 3, 2], 2.5),
        ([0, 10, 20, 1000], 15),
        ([7], 7),
        ([1, 3], 2),
        ([1, 2, 30], (1 / 12 * 1 + 1 / 3 * 2 + 1 / 12 * 30) / 0.5),
        ([0, 0, 0, 0, 8, 8, 8, 8], 4),
        ([1, 2, 3, 4, 5, 6], (0.5 * 2 + 3 + 4 + 0.5 * 5) / 3),
    ],
)
def test_the_interquartile_mean_is_that_of_the_middle_half(scores: list[float], mean: float) -> None:
    assert stats.interquartile_mean(scores) == pytest.approx(mean)


@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=40).filter(lambda scores: len(scores) % 4 == 0))
def test_with_whole_quarters_it_is_scipys_trimmed_mean(scores: list[float]) -> None:
    assert stats.interquartile_mean(scores) == pytest.approx(trim_mean(scores, 0.25))


def test_a_mean_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no values"):
        stats.interquartile_mean([])


def test_the_bootstrap_draws_within_each_task() -> None:
    """The tasks' levels differ widely, their runs do not: what is drawn across tasks would spread over both."""
    found = stats.stratified_bootstrap(arrays([0.0, 0.0], [1.0, 1.0]), lambda tasks: float(np.mean(stats.pooled(tasks))))
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)


def test_the_bootstraps_interval_is_that_of_the_draws() -> None:
    """Two runs, 0 and 1: the mean is 0, 0.5 or 1 with probability 1/4, 1/2, 1/4, so the 95 % interval is all of it."""
    found = stats.stratified_bootstrap(arrays([0.0, 1.0]), lambda tasks: float(np.mean(stats.pooled(tasks))))
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)


def test_a_large_sample_has_the_interval_of_the_normal_distribution() -> None:
    scores = np.random.default_rng(1).normal(size=400)
    found = stats.stratified_bootstrap([scores], lambda tasks: float(np.mean(tasks[0])))
    half = 1.96 * scores.std() / 20
    assert found.low == pytest.approx(scores.mean() - half, abs=0.02)
    assert found.high == pytest.approx(scores.mean() + half, abs=0.02)


def test_the_profile_counts_the_runs_above_and_weighs_tasks_alike() -> None:
    """Above 0.5: one of two, and three of four; mean 0.625. A run at the threshold is not above."""
    profile = stats.performance_profile(arrays([0.5, 0.9], [0.1, 0.6, 0.7, 0.8]), [0.0, 0.5, 0.9])
    assert profile.tolist() == [1.0, 0.625, 0.0]


@settings(max_examples=20, deadline=None)
@given(SCORES, SCORES)
def test_a_profile_falls_and_lies_in_its_band(first: list[float], second: list[float]) -> None:
    tasks, levels = arrays(first, second), np.linspace(0, 1, 11)
    profile = stats.performance_profile(tasks, levels)
    low, high = stats.profile_band(tasks, levels, resamples=20)
    assert (np.diff(profile) <= 0).all()
    assert (low <= high).all()


def test_the_probability_of_improvement_is_the_share_of_pairs() -> None:
    """Task 1: (0.2, 0.8) against (0.5, 0.5): 0.5. Task 2: (1, 1) against (1, 0): (0.5 + 1) / 2 = 0.75."""
    assert stats.probability_of_improvement(arrays([0.2, 0.8], [1, 1]), arrays([0.5, 0.5], [1, 0])) == 0.625


@settings(max_examples=40, deadline=None)
@given(SCORES, SCORES)
def test_it_is_mann_whitneys_u_and_both_sides_add_to_one(ours: list[float], theirs: list[float]) -> None:
    forth = stats.probability_of_improvement(arrays(ours), arrays(theirs))
    back = stats.probability_of_improvement(arrays(theirs), arrays(ours))
    assert forth + back == pytest.approx(1)
    assert forth == pytest.approx(mannwhitneyu(ours, theirs).statistic / (len(ours) * len(theirs)))


def test_a_sure_improvement_has_no_uncertainty() -> None:
    found = stats.improvement(arrays([0.9, 0.8]), arrays([0.1, 0.2]))
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),  # Brown, Cai & DasGupta 2001; z²/(n + z²) = 3.8415/13.8415
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_wilsons_interval(hits: int, count: int, low: float, high: float) -> None:
    found = stats.share(hits, count)
    assert (found.value, found.low, found.high) == pytest.approx((hits / count, low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("value", "worst", "best", "place"),
    [(0.9, 0.8, 0.9, 1.0), (0.8, 0.8, 0.9, 0.0), (0.85, 0.8, 0.9, 0.5), (3.0, 4.0, 2.0, 0.5), (None, 0.8, 0.9, 0.0), (0.8, 0.8, 0.8, 0.5)],
)
def test_scores_are_placed_between_the_worst_and_the_best_in_the_metrics_direction(
    value: float | None, worst: float, best: float, place: float
) -> None:
    assert stats.between(value, worst, best) == pytest.approx(place)
