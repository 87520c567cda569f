"""How long an evaluation will take at least, by what earlier executions took: a candidate is much like what it was made from."""

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
