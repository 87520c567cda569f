"""Trees by hand: one line a candidate, in the order in which they were made."""

from journal import Action, Candidate, Evaluation, FoldResult, Node, Operator, Status, Tree
from tests.policies.search import CARD

Line = tuple[Operator, tuple[int, ...], float | None]
"""Operator, parents (by position, from 1) and score; no score: it failed."""


def grow(*lines: Line, greater: bool = True, cards: int = 9) -> Tree:
    """Candidates 1, 2, 3 …, one an action."""
    actions, nodes = [], []
    for number, (operator, parents, score) in enumerate(lines, start=1):
        card = number - 1 if operator is Operator.DRAFT else None
        action = Action(id=f"1.{number:04d}", track=1, operator=operator, parents=parents, card=card)
        status = Status.CRASHED if score is None else Status.OK
        fold = FoldResult(fold=0, status=status, score=score)
        candidate = Candidate(number=number, action=action.id, track=1, operator=operator, parents=parents, title="t", digest=str(number))
        actions.append(action)
        nodes.append(Node(candidate, Evaluation(fidelity="search", folds=(fold,), status=status, score=score)))
    closed = frozenset(action.id for action in actions)
    return Tree(greater, ((CARD,) * cards,), tuple(actions), tuple(nodes), (), closed)


def draft(score: float | None) -> Line:
    return Operator.DRAFT, (), score


def improve(parent: int, score: float | None) -> Line:
    return Operator.IMPROVE, (parent,), score


def debug(parent: int, score: float | None) -> Line:
    return Operator.DEBUG, (parent,), score


def cross(first: int, second: int, score: float | None) -> Line:
    return Operator.CROSSOVER, (first, second), score
