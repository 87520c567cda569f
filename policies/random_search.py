"""Random search: a lot among the operators, then a lot among what it can be applied to. A baseline that never looks at a score."""

from dataclasses import dataclass, field
from random import Random

from journal import Action, Operator, Settings, Tree
from policies.batch import Batch, Parameters, fill
from policies.protocol import Budget
from policies.registry import register

OPERATORS = (Operator.DRAFT, Operator.DEBUG, Operator.IMPROVE, Operator.CROSSOVER)


@dataclass(frozen=True)
class RandomSearch:
    """The policy as a function."""

    settings: Settings
    parameters: Parameters = field(default_factory=Parameters)

    def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:
        """Operators in an order by lot; the first that can be applied, is."""

        def take(batch: Batch) -> bool:
            return any(self._apply(operator, batch, rng) for operator in rng.sample(OPERATORS, len(OPERATORS)))

        return fill(tree, budget, self.settings.batch, self.parameters, take)

    def _apply(self, operator: Operator, batch: Batch, rng: Random) -> bool:
        valid = rng.sample(sorted(batch.ranked, key=lambda node: node.number), len(batch.ranked))
        match operator:
            case Operator.DRAFT:
                return batch.draft()
            case Operator.DEBUG:
                broken = batch.broken(self.settings.debug_rounds)
                return bool(broken) and batch.debug(rng.choice(broken))
            case Operator.IMPROVE:
                return any(batch.improve(node) for node in valid)
            case _:
                return any(batch.cross(first, second) for first in valid for second in valid)


register("random", RandomSearch, Parameters())
