"""Racing: a candidate that will hardly be better than the incumbent, by its first folds, is not run on the others.

Only what is better on all folds replaces the incumbent, so that is the question: how likely is it, given the folds that were seen
(predictive power; Spiegelhalter, Freedman & Blackburn 1986)? A difference that is far from zero by its own error ends the race, and so does
a small one when few folds are left to turn it. What is decided depends on results in fold order only, never on which execution ended first:
the same on any number of slots.

A variant of an ablation study is run to be measured, not to win: it is stopped once its effect is clear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from pathlib import Path
from statistics import NormalDist

from competitions import ViewSource
from evaluation.comparison import compare
from evaluation.files import PREDICTIONS, execution_name, load_predictions
from journal import Fidelity

LOOKS = (1, 2)
"""After how many folds the race is looked at; what follows the last look runs all at once."""
HARDLY = 0.1
"""The chance of being better on all folds at which, or below, a candidate is stopped."""


CLEAR = 2.0
"""Standard errors by which a variant of a study is worse where its effect is clear."""


@dataclass(frozen=True)
class Race:
    """`incumbent`: the folder that its evaluation was kept in; of a `study`, that of the study's base."""

    incumbent: Path
    study: bool = False

    def over(self, views: ViewSource, challenger: Path, fidelity: Fidelity, folds: Sequence[int | None], of: int) -> bool:
        """Whether these folds, paired on the same rows, tell enough to leave the others of `of`. Blocking.

        Raises:
            OSError: predictions of one of the two are not there.
        """
        names = [execution_name(fidelity, fold) for fold in folds]
        theirs, ours = ([load_predictions(folder / name / PREDICTIONS) for name in names] for folder in (challenger, self.incumbent))
        comparison = compare(views.competition, views.answers(), theirs, ours)
        if self.study:
            return clearly_no_better(comparison.delta, comparison.standard_error)
        return hardly_better(comparison.delta, comparison.standard_error, len(folds), of)


def hardly_better(delta: float, standard_error: float, seen: int, folds: int) -> bool:
    """Whether a candidate that is better by `delta` on the folds that were `seen` will hardly be better on all of them.

    Given what was seen, the difference on all folds is normal about `delta` with a standard deviation of
    `standard_error` · sqrt((folds − seen) / folds): what is seen already is sure, and what is not is as uncertain as what was.
    """
    return delta < NormalDist().inv_cdf(HARDLY) * standard_error * sqrt((folds - seen) / folds)


def clearly_no_better(delta: float, standard_error: float) -> bool:
    """Whether a variant that is better by `delta` has a clear effect for the worse, or none at all: the same answers to every row.

    One that may be better goes on, for it may become the best candidate.
    """
    return delta <= -CLEAR * standard_error


def heats(folds: int, raced: bool) -> list[tuple[int, int]]:
    """The folds, from and up to which, that run at once; the race is looked at between two heats."""
    ends = [look for look in LOOKS if look < folds] if raced else []
    return list(pairwise((0, *ends, folds)))
