"""Greedy search, as AIDE does it: some drafts, then with some probability a repair, else improve the best (arXiv 2502.13138)."""

from dataclasses import dataclass, field
from random import Random

from pydantic import Field

from journal import Action, Operator, Settings, Tree
from policies.batch import Batch, Parameters, fill
from policies.protocol import Budget
from policies.racing import racing
from policies.registry import register


class GreedyParameters(Parameters):
    """AIDE's own defaults."""

    num_drafts: int = Field(5, ge=1, description="before anything is improved")
    debug_prob: float = Field(0.5, ge=0, le=1, description="of a repair instead of an improvement, where something is broken")
    max_debug_depth: int = Field(3, ge=0, description="repairs in a row; a draft has depth 0")


AIRA = GreedyParameters(debug_prob=1.0, max_debug_depth=20)
"""The setting of AIRA-dojo: whatever is broken is repaired first, for long (arXiv 2507.02554)."""


@dataclass(frozen=True)
class Greedy:
    """The policy as a function. Several actions at once are several attempts on the best."""

    settings: Settings
    parameters: GreedyParameters = field(default_factory=GreedyParameters)

    def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:
        """Draft, debug or improve; what has nothing more to propose gives way to the next best."""
        actions = fill(tree, budget, self.settings.batch, self.parameters, lambda batch: self._take(batch, rng))
        return racing(self.settings, tree, actions)

    def _take(self, batch: Batch, rng: Random) -> bool:
        if batch.count(Operator.DRAFT) < self.parameters.num_drafts and batch.draft():
            return True
        broken = batch.broken(self.parameters.max_debug_depth)
        if broken and rng.random() < self.parameters.debug_prob:
            return batch.debug(rng.choice(broken))
        if any(batch.improve(node) for node in batch.ranked) or batch.draft():
            return True
        return bool(broken) and batch.debug(rng.choice(broken))


register("greedy", Greedy, GreedyParameters())
register("greedy-aira", Greedy, AIRA)
