"""What an evaluation will take, in time at least and in memory, by what earlier executions took: a candidate is much like its parents."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from statistics import fmean

from journal import Candidate, FoldResult, Operator, Status, Tree

LEAST = 0.7
"""Of the time expected, what an evaluation takes at least: variants may be lighter than their base, and the machine less busy."""
_TOGETHER = frozenset({Operator.MERGE})
"""Do what all of their parents do; others replace a part of one."""


def expected_seconds(
    tree: Tree, candidate: Candidate, folds: Sequence[int | None], known: Mapping[int | None, FoldResult], at_once: int
) -> float | None:
    """Wall-clock seconds of the folds that are not known yet, if `at_once` executions run at the same time; none: nothing is known.

    `known`: finished executions of the candidate itself.
    """
    left = [fold for fold in folds if fold not in known]
    each = _of_one(known.values()) or _by_parents(tree, candidate)
    return None if each is None else each * ceil(len(left) / at_once)


def expected_memory(tree: Tree, candidate: Candidate, known: Iterable[FoldResult], growth: float = 1.0) -> int:
    """Bytes of one execution: the most that one of the candidate itself took, else one of its parents; 0: nothing is known.

    `known`: executions of the candidate itself. `growth`: training rows of the view, as a multiple of theirs; memory is taken to grow
    with them, which is too much rather than too little: the interpreter and its libraries do not.
    """
    peaks = [result.peak_memory for result in known]
    if not peaks and candidate.operator is not Operator.ENSEMBLE:
        parents = (node.evaluation for node in tree.nodes if node.number in candidate.parents and node.evaluation is not None)
        peaks = [fold.peak_memory for evaluation in parents for fold in evaluation.folds]
    return round(max(peaks, default=0) * max(growth, 1.0))


def _by_parents(tree: Tree, candidate: Candidate) -> float | None:
    if candidate.operator is Operator.ENSEMBLE:
        return None  # its members are not trained again
    parents = [node.evaluation.folds for node in tree.nodes if node.number in candidate.parents and node.evaluation is not None]
    seconds = [mean for folds in parents if (mean := _of_one(folds)) is not None]
    if not seconds:
        return None
    return sum(seconds) if candidate.operator in _TOGETHER else max(seconds)


def _of_one(results: Iterable[FoldResult]) -> float | None:
    """Mean seconds of the executions that came to their end."""
    finished = [result.seconds for result in results if result.status is Status.OK]
    return fmean(finished) if finished else None
