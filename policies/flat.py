"""Best of N: independent drafts, none built on another. The baseline that every search has to beat."""

from dataclasses import dataclass, field
from random import Random

from pydantic import Field

from journal import Action, Operator, Settings, Tree
from policies.batch import Batch, Parameters, ends, fill
from policies.protocol import Budget
from policies.registry import register


class FlatParameters(Parameters):
    """N is as large as the budget, unless it is given."""

    num_drafts: int = Field(500, ge=1, description="N; repairs do not count")


@dataclass(frozen=True)
class Flat:
    """The policy as a function."""

    settings: Settings
    parameters: FlatParameters = field(default_factory=FlatParameters)

    def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:  # noqa: ARG002 - draws no lots
        """Repair, else draft; where no card gives another draft, single changes of the drafts in turn, which are never built upon."""
        last = ends(tree)
        drafts = [last[action.id] for action in tree.actions if action.operator is Operator.DRAFT and action.id in last]
        valid = [node for node in drafts if node.valid]

        def take(batch: Batch) -> bool:
            if any(batch.debug(node) for node in batch.broken(self.settings.debug_rounds)):
                return True
            if batch.count(Operator.DRAFT, Operator.IMPROVE) >= self.parameters.num_drafts:
                return False
            return batch.draft() or any(batch.improve(node) for node in sorted(valid, key=batch.children))

        return fill(tree, budget, self.settings.batch, self.parameters, take)


register("flat", Flat, FlatParameters())
