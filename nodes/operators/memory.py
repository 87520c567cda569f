"""What an improvement or a crossover is shown of what was tried before: nothing, its siblings, its ancestors, or all; always bounded."""

from collections.abc import Iterable

from engineers import Attempt
from journal import Action, Node, Operator, Tree
from nodes.operators.attempts import attempt

SIBLINGS, ANCESTORS, ALL = 30, 20, 60
"""Attempts at most: the latest of each kind. Of all, siblings and ancestors stay before others go."""


def remembered(tree: Tree, action: Action, debug_rounds: int) -> tuple[Attempt, ...]:
    """The attempts that the action's memory holds, in the order of the search; each scope includes the narrower ones.

    `tree` is that of the action's track.
    """
    chosen: dict[int, Node] = {}
    if action.memory != "none":
        chosen |= _latest(_siblings(tree, action), SIBLINGS)
    if action.memory in ("ancestors", "all"):
        chosen |= _latest(_ancestors(tree, action), ANCESTORS)
    if action.memory == "all":
        others = [node for node in tree.nodes if node.candidate.operator is not Operator.DEBUG and node.number not in chosen]
        chosen |= _latest(others, ALL - len(chosen))
    ordered = (node for node in tree.nodes if node.number in chosen)
    return tuple(attempt(tree, node, debug_rounds) for node in ordered)


def _siblings(tree: Tree, action: Action) -> list[Node]:
    """Of an improvement: those of the same parent; of a crossover: those with a parent in common."""
    return [node for node in tree.made_by(action.operator) if set(node.candidate.parents) & set(action.parents)]


def _ancestors(tree: Tree, action: Action) -> list[Node]:
    """The parents and all that they come from, repairs left out: an attempt tells what its repairs came to."""
    found: set[int] = set()
    waiting = list(action.parents)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(tree.node(number).candidate.parents)
    return [node for node in tree.nodes if node.number in found and node.candidate.operator is not Operator.DEBUG]


def _latest(nodes: Iterable[Node], most: int) -> dict[int, Node]:
    return {node.number: node for node in list(nodes)[-most:]} if most > 0 else {}
