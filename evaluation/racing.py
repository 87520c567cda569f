"""Racing: a candidate that is clearly worse than the incumbent after its first folds is not run on the others.

What is decided depends on results in fold order only, never on which execution ended first: the same on any number of slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from competitions import ViewSource
from evaluation.comparison import compare
from evaluation.files import PREDICTIONS, execution_name, load_predictions
from journal import Fidelity

LOOKS = (1, 2)
"""After how many folds the race is looked at; what follows the last look runs all at once."""
CLEARLY = 2.0
"""Standard errors by which a candidate must be worse, on the same held-out rows, to be stopped."""


@dataclass(frozen=True)
class Race:
    """`incumbent`: the folder that its evaluation was kept in."""

    incumbent: Path

    def lost(self, views: ViewSource, challenger: Path, fidelity: Fidelity, folds: Sequence[int | None]) -> bool:
        """Whether the challenger is clearly worse on these folds, paired on the same rows. Blocking.

        Raises:
            OSError: predictions of one of the two are not there.
        """
        names = [execution_name(fidelity, fold) for fold in folds]
        theirs, ours = ([load_predictions(folder / name / PREDICTIONS) for name in names] for folder in (challenger, self.incumbent))
        comparison = compare(views.competition, views.answers(), theirs, ours)
        return comparison.delta < -CLEARLY * comparison.standard_error


def heats(folds: int, raced: bool) -> list[tuple[int, int]]:
    """The folds, from and up to which, that run at once; the race is looked at between two heats."""
    ends = [look for look in LOOKS if look < folds] if raced else []
    return list(pairwise((0, *ends, folds)))
