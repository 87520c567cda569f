"""What policies that draft, debug, improve and cross have in common: a batch without repetitions and without what came to nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from pydantic import Field

from journal import Action, Complexity, Memory, Node, Operator, Record, Tree
from policies.protocol import Budget, stop

CATALOGUE = "catalogue:"
"""Such a card holds a whole solution: a second draft from it would be the first one again."""

Expansion: TypeAlias = tuple[Operator, int | None, frozenset[int]]


class Parameters(Record):
    """What every such policy takes."""

    memory: Memory = Field("siblings", description="which earlier attempts an improvement or crossover is shown")
    complexity: bool = Field(True, description="whether it is told how much to change at once, by the number of children so far")
    max_actions: int = Field(500, ge=1, description="of a track, however large the budget: a search without one must end too")


def expansion(action: Action) -> Expansion:
    """What is done to what; attempts on the same count as the same, and so do both orders of a pair."""
    return action.operator, action.card, frozenset(action.parents)


@dataclass
class Batch:
    """The actions taken so far. Each method adds one and says whether it could; only `fill` makes batches."""

    tree: Tree
    actions: list[Action] = field(default_factory=list)
    parameters: Parameters = field(default_factory=Parameters)

    def __post_init__(self) -> None:
        fruitful = {node.candidate.action for node in self.tree.nodes}
        self.dry = {expansion(action) for action in self.tree.actions if action.id not in fruitful}
        self.times = Counter(expansion(action) for action in self.tree.actions)

    def draft(self) -> bool:
        """From the next card; after the last one from all cards in turn, for as long as a further draft differs from the first."""
        cards = self.tree.cards[0] if self.tree.cards else ()
        drafted = [self.times[Operator.DRAFT, card, frozenset[int]()] for card in range(len(cards))]
        for card in sorted(range(len(cards)), key=lambda card: drafted[card]):
            again = drafted[card] > 0
            if again and (self._drafts_repeat or cards[card].source.startswith(CATALOGUE)):
                continue
            if self._add(Action(operator=Operator.DRAFT, card=card, attempt=drafted[card] + 1 if again else None)):
                return True
        return False

    def debug(self, broken: Node) -> bool:
        """Once for each broken candidate: what comes of it is the next link of the chain."""
        action = Action(
            operator=Operator.DEBUG, parents=(broken.number,), step=broken.candidate.step, attempt=self._depths[broken.number] + 1
        )
        return not self.times[expansion(action)] and self._add(action)

    def improve(self, node: Node) -> bool:
        """Again and again, until there is nothing more to propose."""
        attempt = self.children(node) + 1
        return self._add(Action(operator=Operator.IMPROVE, parents=(node.number,), attempt=attempt, **self._cues(node)))

    def cross(self, first: Node, second: Node) -> bool:
        """Once for each pair of different scripts; the first parent is the skeleton."""
        action = Action(operator=Operator.CROSSOVER, parents=(first.number, second.number), **self._cues(first))
        differ = first.candidate.digest != second.candidate.digest
        return differ and not self.times[expansion(action)] and self._add(action)

    def children(self, node: Node) -> int:
        """How often the node was improved, this batch included."""
        return self.times[Operator.IMPROVE, None, frozenset((node.number,))]

    def count(self, *operators: Operator) -> int:
        """Actions of these operators, this batch included."""
        return sum(times for (operator, _, _), times in self.times.items() if operator in operators)

    def broken(self, rounds: int) -> list[Node]:
        """The broken ends of all chains with fewer than `rounds` repairs, in their order."""
        failed = (node for node in self.tree.nodes if node.failed and self._depths[node.number] < rounds)
        return [node for node in failed if not self.times[Operator.DEBUG, None, frozenset((node.number,))]]

    @cached_property
    def ranked(self) -> list[Node]:
        """The valid nodes, best first; of equal ones the older first, and of equal scripts only the oldest."""
        distinct: dict[str, Node] = {}
        for node in self.tree.nodes:
            if node.valid:
                distinct.setdefault(node.candidate.digest, node)
        return sorted(distinct.values(), key=lambda node: -value(self.tree, node))

    def _cues(self, node: Node) -> dict[str, Any]:
        """What an improvement or crossover of the node is told."""
        return {"memory": self.parameters.memory, "complexity": complexity(self.children(node)) if self.parameters.complexity else None}

    def _add(self, action: Action) -> bool:
        key = expansion(action)
        if key in self.dry:
            return False
        self.times[key] += 1
        self.actions.append(action)
        return True

    @cached_property
    def _depths(self) -> dict[int, int]:
        """By candidate: how many repairs in a row led to it."""
        depths: dict[int, int] = {}
        for node in self.tree.nodes:
            made = node.candidate
            depths[made.number] = depths[made.parents[0]] + 1 if made.operator is Operator.DEBUG else 0
        return depths

    @cached_property
    def _drafts_repeat(self) -> bool:
        """Whether an engineer that drafted a card twice wrote the same script twice."""
        cards = {action.id: action.card for action in self.tree.actions if action.operator is Operator.DRAFT}
        written = [(cards[node.candidate.action], node.candidate.digest) for node in self.tree.made_by(Operator.DRAFT)]
        return len(set(written)) < len(written)


def fill(tree: Tree, budget: Budget, size: int, parameters: Parameters, take: Callable[[Batch], bool]) -> tuple[Action, ...]:
    """Up to `size` actions, each added by one call of `take`, which says false where nothing is left; never more than the budget allows."""
    if budget.spent:
        return stop("budget")
    batch = Batch(tree, parameters=parameters)
    room = min(size, parameters.max_actions - len(tree.actions), size if budget.evaluations is None else budget.evaluations)
    while len(batch.actions) < room and take(batch):
        pass
    return tuple(batch.actions) or stop("search complete" if batch.ranked else "no valid solution")


def complexity(children: int) -> Complexity:
    """AIRA-dojo's cue: two simple children, two normal ones, then advanced ones (arXiv 2507.02554)."""
    return "simple" if children < 2 else "normal" if children < 4 else "advanced"


def value(tree: Tree, node: Node) -> float:
    """The score of a valid node, larger for better."""
    assert node.score is not None
    return node.score if tree.greater_is_better else -node.score


def ends(tree: Tree) -> dict[str, Node]:
    """By the id of each action that made a candidate and is no repair: the end of the candidate's chain of repairs."""
    successors = {node.candidate.parents[0]: node for node in tree.made_by(Operator.DEBUG)}
    last: dict[str, Node] = {}
    for node in tree.nodes:
        if node.candidate.operator is not Operator.DEBUG:
            end = node
            while end.number in successors:
                end = successors[end.number]
            last[node.candidate.action] = end
    return last
