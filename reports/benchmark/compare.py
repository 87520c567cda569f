"""Contenders side by side: over all competitions, on each of them, and in pairs on the same competition and seed."""

from collections.abc import Sequence
from itertools import combinations
from statistics import fmean

import numpy as np
from pydantic import Field

from journal import Record
from reports.benchmark import statistics
from reports.benchmark.measure import Measured
from reports.benchmark.statistics import Estimate, Floats

Contender = tuple[str, str, str]
PROFILE = np.linspace(0, 1, 51)


class Overall(Record):
    """One contender over all runs that are finished."""

    contender: Contender
    runs: int
    valid: int
    medals: Estimate | None = Field(description="share of runs with any medal, where there is a leaderboard; none: nowhere")
    iqm: Estimate = Field(description="interquartile mean of the normalised test scores")
    rank_share: Estimate | None = Field(description="interquartile mean of rank shares; none: no leaderboards")
    gap: float | None = Field(description="mean of how much the validation flattered, normalised as the test scores are")
    oracle_gain: float | None = Field(description="mean of what the best choice among the candidates would have added, normalised")
    seconds: float = Field(description="mean wall-clock")
    script_seconds: float
    candidates: float
    first_valid_seconds: float | None = Field(description="mean, of runs that had a valid submission")
    tokens: int
    cost: float | None


class OnCompetition(Record):
    """One contender on one competition: means over seeds, in the metric's own units."""

    competition: str
    metric: str
    greater_is_better: bool
    contender: Contender
    runs: int
    valid: int
    test: float | None
    test_low: float | None = Field(description="the worst of its runs")
    test_high: float | None = Field(description="the best of its runs")
    validation: float | None
    gap: float | None
    oracle_gain: float | None
    medals: tuple[str, ...]
    rank_share: float | None


class Pair(Record):
    """Two contenders on the same competitions and seeds."""

    first: Contender
    second: Contender
    wins: int
    ties: int
    losses: int
    probability: Estimate = Field(description="that a run of the first beats one of the second on the same competition; ties count half")


class Profile(Record):
    """The share of runs above each threshold, with its band."""

    contender: Contender
    thresholds: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Comparison(Record):
    """Everything that a benchmark says about its contenders."""

    overall: tuple[Overall, ...]
    competitions: tuple[OnCompetition, ...]
    pairs: tuple[Pair, ...]
    profiles: tuple[Profile, ...]


def compare(runs: Sequence[Measured]) -> Comparison:
    """Compare what is finished.

    A run's test score is normalised over all runs of the benchmark on its competition: 1 is the best of any, 0 the worst, and 0 is no valid
    submission. Where there are no private answers the validation score stands for it.
    """
    done = [run for run in runs if run.state in ("finished", "no_solution")]
    contenders = list(dict.fromkeys(run.contender for run in done))
    scale = Scale(done)
    tasks = {contender: scale.tasks(contender) for contender in contenders}
    return Comparison(
        overall=tuple(_overall([run for run in done if run.contender == each], scale, tasks[each]) for each in contenders),
        competitions=tuple(
            _on([run for run in done if (run.competition, run.contender) == (competition, each)])
            for competition in dict.fromkeys(run.competition for run in done)
            for each in contenders
            if any((run.competition, run.contender) == (competition, each) for run in done)
        ),
        pairs=tuple(_pair(first, second, done, scale) for first, second in combinations(contenders, 2)),
        profiles=tuple(_profile(each, tasks[each]) for each in contenders),
    )


class Scale:
    """The normalisation, from all finished runs."""

    def __init__(self, done: Sequence[Measured]) -> None:
        self._done = done
        self._ends: dict[str, tuple[float, float]] = {}
        for competition in dict.fromkeys(run.competition for run in done):
            here = [run for run in done if run.competition == competition]
            scores = [score for run in here if (score := score_of(run)) is not None]
            if scores:
                ends = (min(scores), max(scores))
                self._ends[competition] = ends if here[0].greater_is_better else (ends[1], ends[0])

    def of(self, run: Measured) -> float:
        """0..1."""
        worst, best = self._ends.get(run.competition, (0.0, 0.0))
        return statistics.between(score_of(run), worst, best)

    def share(self, competition: str, difference: float) -> float | None:
        """A difference of scores in units of the range; none where the range is nothing."""
        worst, best = self._ends.get(competition, (0.0, 0.0))
        return difference / abs(best - worst) if best != worst else None

    def tasks(self, contender: Contender) -> list[Floats]:
        """The normalised scores of a contender, one array a competition that it has runs on."""
        mine = [run for run in self._done if run.contender == contender]
        names = dict.fromkeys(run.competition for run in mine)
        return [np.array([self.of(run) for run in mine if run.competition == name]) for name in names]


def score_of(run: Measured) -> float | None:
    """The test score; where a run has none because there are no answers, the validation score."""
    if not run.valid:
        return None
    return run.test if run.test is not None else run.validation


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return fmean(there) if there else None


def _overall(runs: list[Measured], scale: Scale, tasks: list[Floats]) -> Overall:
    ranked = [run for run in runs if run.rank_share is not None]
    names = dict.fromkeys(run.competition for run in ranked)
    shares = [np.array([run.rank_share or 0.0 for run in ranked if run.competition == name]) for name in names]
    costs = [run.cost for run in runs]
    return Overall(
        contender=runs[0].contender,
        runs=len(runs),
        valid=sum(run.valid for run in runs),
        medals=statistics.share(sum(bool(run.medal) for run in ranked), len(ranked)) if ranked else None,
        iqm=statistics.iqm(tasks),
        rank_share=statistics.iqm(shares) if shares else None,
        gap=_mean([scale.share(run.competition, run.gap) for run in runs if run.gap is not None]),
        oracle_gain=_mean([scale.share(run.competition, run.oracle_gain) for run in runs if run.oracle_gain is not None]),
        seconds=fmean(run.seconds for run in runs),
        script_seconds=fmean(run.script_seconds for run in runs),
        candidates=fmean(run.candidates for run in runs),
        first_valid_seconds=_mean([run.first_valid_seconds for run in runs]),
        tokens=sum(run.tokens for run in runs),
        cost=None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None),
    )


def _on(runs: list[Measured]) -> OnCompetition:
    tests = [run.test for run in runs if run.test is not None]
    up = runs[0].greater_is_better
    return OnCompetition(
        competition=runs[0].competition,
        metric=runs[0].metric,
        greater_is_better=up,
        contender=runs[0].contender,
        runs=len(runs),
        valid=sum(run.valid for run in runs),
        test=_mean(tests),
        test_low=(min if up else max)(tests, default=None),
        test_high=(max if up else min)(tests, default=None),
        validation=_mean([run.validation for run in runs]),
        gap=_mean([run.gap for run in runs]),
        oracle_gain=_mean([run.oracle_gain for run in runs]),
        medals=tuple(run.medal for run in runs if run.medal),
        rank_share=_mean([run.rank_share for run in runs]),
    )


def _pair(first: Contender, second: Contender, done: list[Measured], scale: Scale) -> Pair:
    """Wins by cell; the probability over all pairs of runs of a competition that both have runs on."""
    ours, theirs = ({(run.competition, run.seed): scale.of(run) for run in done if run.contender == each} for each in (first, second))
    both = [(ours[cell], theirs[cell]) for cell in ours if cell in theirs]
    shared = [name for name in dict.fromkeys(name for name, _ in ours) if name in {name for name, _ in theirs}]
    mine, other = ([np.array([score for (name, _), score in side.items() if name == each]) for each in shared] for side in (ours, theirs))
    return Pair(
        first=first,
        second=second,
        wins=sum(score > against for score, against in both),
        ties=sum(score == against for score, against in both),
        losses=sum(score < against for score, against in both),
        probability=statistics.improvement(mine, other) if shared else Estimate(0.5, 0.0, 1.0),
    )


def _profile(contender: Contender, tasks: list[Floats]) -> Profile:
    low, high = statistics.profile_band(tasks, PROFILE)
    return Profile(
        contender=contender,
        thresholds=tuple(map(float, PROFILE)),
        share=tuple(map(float, statistics.performance_profile(tasks, PROFILE))),
        low=tuple(map(float, low)),
        high=tuple(map(float, high)),
    )
