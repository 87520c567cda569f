"""What the folds say about a score: its standard error, and how two candidates compare fold by fold."""

from math import sqrt
from statistics import fmean, stdev

from pydantic import Field

from journal import Evaluation, Node, Record


class Paired(Record):
    """One candidate against another on the folds that both were scored on."""

    folds: int = Field(description="that both have; 0: nothing can be compared")
    delta: float | None = Field(description="mean difference, in the metric's units; positive: the first is better")
    standard_error: float | None = Field(description="of that mean, over folds; none: fewer than two folds")
    wins: int = Field(description="folds on which the first is strictly better")


def fold_scores(evaluation: Evaluation | None) -> dict[int, float]:
    """Scores by fold, of the folds that have one."""
    folds = evaluation.folds if evaluation else ()
    return {result.fold: result.score for result in folds if result.fold is not None and result.score is not None}


def standard_error(values: list[float]) -> float | None:
    """Of the mean of the values; none: fewer than two."""
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else None


def score_error(node: Node | None) -> float | None:
    """Standard error of a valid candidate's score over its folds. Folds share training rows, so that it is rather too small."""
    return standard_error(list(fold_scores(node.evaluation).values())) if node is not None and node.valid else None


def paired(first: Node, second: Node, greater_is_better: bool) -> Paired:
    """Compare two candidates fold by fold: what is hard for both cancels out."""
    one, other = (fold_scores(node.evaluation) if node.valid else {} for node in (first, second))
    sign = 1.0 if greater_is_better else -1.0
    differences = [sign * (one[fold] - other[fold]) for fold in sorted(one.keys() & other.keys())]
    return Paired(
        folds=len(differences),
        delta=fmean(differences) if differences else None,
        standard_error=standard_error(differences),
        wins=sum(difference > 0 for difference in differences),
    )
