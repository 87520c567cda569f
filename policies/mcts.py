"""Monte-Carlo tree search without roll-outs: descend by UCT to a leaf, expand it, hand their scores up (arXiv 2507.02554)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log, sqrt
from random import Random

from pydantic import Field

from journal import Action, Node, Operator, Settings, Tree
from policies.batch import Batch, Parameters, ends, fill, value
from policies.protocol import Budget
from policies.registry import register


class MctsParameters(Parameters):
    """The defaults are AIRA-dojo's."""

    exploration: float = Field(0.25, ge=0, description="c of UCT")
    num_children: int = Field(5, ge=1, description="of an expanded node; the root's are the drafts")


@dataclass
class Branch:
    """A valid candidate (the end of its chain of repairs) and what was handed up to it; the root has no node."""

    node: Node | None = None
    children: list["Branch"] = field(default_factory=list)
    visits: int = 0
    total: float = 0.0

    @property
    def mean(self) -> float:
        """Q: of the scores of the candidate and all its valid descendants, larger for better."""
        return self.total / self.visits


@dataclass(frozen=True)
class Mcts:
    """The policy as a function."""

    settings: Settings
    parameters: MctsParameters = field(default_factory=MctsParameters)

    def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:  # noqa: ARG002 - draws no lots
        """Repair at once; go on with the expansion that was begun; else expand the leaf that UCT leads to."""
        root, *branches = grown(tree)

        def take(batch: Batch) -> bool:
            if any(batch.debug(node) for node in batch.broken(self.settings.debug_rounds)):
                return True
            if batch.count(Operator.DRAFT) < self.parameters.num_children and batch.draft():
                return True
            nodes = [branch.node for branch in branches if branch.node]
            if any(batch.improve(node) for node in nodes if 0 < batch.children(node) < self.parameters.num_children):
                return True
            leaf = self.select(root, branches, batch)
            return batch.improve(leaf) if leaf else batch.draft()

        return fill(tree, budget, self.settings.batch, self.parameters, take)

    def select(self, root: Branch, branches: list[Branch], batch: Batch) -> Node | None:
        """The leaf at the end of the descent. Subtrees in which every node is expanded or exhausted are passed by."""
        living: set[int] = set()
        for branch in reversed(branches):
            leaf = branch.node is not None and not batch.children(branch.node)
            if leaf or any(id(child) in living for child in branch.children):
                living.add(id(branch))
        low, high = spread(branches)
        branch = root
        while choice := [child for child in branch.children if id(child) in living]:
            parent = branch.visits
            branch = max(choice, key=lambda child: uct(child, parent, low, high, self.parameters.exploration))
        return branch.node


def grown(tree: Tree) -> list[Branch]:
    """The root and all branches, parents before children, with every valid score handed up; what stays broken hands nothing up."""
    last, root = ends(tree), Branch()
    by_number: dict[int, Branch] = {}
    lines: list[tuple[Branch, Branch]] = []
    for action in tree.actions:
        end = last.get(action.id)
        if end and end.valid:
            above = by_number[action.parents[0]] if action.parents else root
            branch = Branch(end, visits=1, total=value(tree, end))
            above.children.append(branch)
            lines.append((above, branch))
            by_number[end.number] = branch
    for above, branch in reversed(lines):
        above.visits += branch.visits
        above.total += branch.total
    return [root, *(branch for _, branch in lines)]


def spread(branches: Iterable[Branch]) -> tuple[float, float]:
    """The least and the largest Q of the tree."""
    means = [branch.mean for branch in branches] or [0.0]
    return min(means), max(means)


def uct(branch: Branch, parent_visits: int, low: float, high: float, exploration: float) -> float:
    """Qnorm + c·sqrt(ln N_parent / n), where Qnorm is Q between the least and the largest of the tree: 0..1, or 0.5 if all are equal."""
    normalised = (branch.mean - low) / (high - low) if high > low else 0.5
    return normalised + exploration * sqrt(log(parent_visits) / branch.visits)


register("mcts", Mcts, MctsParameters())
