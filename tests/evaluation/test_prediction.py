"""The memory that an execution is expected to take, from the executions that are known."""

import pytest

from evaluation import expected_memory
from journal import Action, Candidate, Evaluation, FoldResult, Node, Operator, Status, Tree

GB = 2**30


def candidate(number: int, operator: Operator, *parents: int) -> Candidate:
    return Candidate(number=number, action="1.0001", track=1, operator=operator, parents=parents, title="", digest="")


def took(*peaks: int) -> tuple[FoldResult, ...]:
    return tuple(FoldResult(fold=fold, status=Status.OK, peak_memory=peak) for fold, peak in enumerate(peaks))


def node(number: int, *peaks: int) -> Node:
    return Node(candidate(number, Operator.DRAFT), Evaluation(fidelity="search", folds=took(*peaks), status=Status.OK))


TREE = Tree(
    True,
    actions=(Action(operator=Operator.DRAFT),),
    nodes=(node(1001, GB, 2 * GB), node(1002, 3 * GB), Node(candidate(1003, Operator.DRAFT))),
)


@pytest.mark.parametrize(
    ("made", "known", "growth", "expected"),
    [
        (candidate(1004, Operator.DRAFT), (), 1.0, 0),
        (candidate(1004, Operator.REFINE, 1003), (), 1.0, 0),
        (candidate(1004, Operator.REFINE, 1001), (), 1.0, 2 * GB),
        (candidate(1004, Operator.MERGE, 1001, 1002), (), 1.0, 3 * GB),
        (candidate(1004, Operator.REFINE, 1002), took(GB, GB // 2), 1.0, GB),
        (candidate(1004, Operator.REFINE, 1001), (), 2.5, 5 * GB),
        (candidate(1004, Operator.REFINE, 1001), (), 0.5, 2 * GB),
        (candidate(1, Operator.ENSEMBLE, 1001, 1002), (), 1.0, 0),
    ],
    ids=["a draft", "of a parent that has not run", "of a parent", "of two", "of its own", "on more rows", "on fewer rows", "an ensemble"],
)
def test_it_is_the_most_that_was_taken(made: Candidate, known: tuple[FoldResult, ...], growth: float, expected: int) -> None:
    assert expected_memory(TREE, made, known, growth) == expected
