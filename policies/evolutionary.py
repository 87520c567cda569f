"""Evolutionary search: islands of solutions that breed by improvement and crossover, and exchange their best (arXiv 2507.02554)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from random import Random
from statistics import fmean

from pydantic import Field

from journal import Action, Node, Operator, Settings, Tree
from policies.batch import Batch, Parameters, ends, fill, value
from policies.protocol import Budget
from policies.registry import register

BREEDING = (Operator.DRAFT, Operator.IMPROVE, Operator.CROSSOVER)


class EvolutionaryParameters(Parameters):
    """A track is a population of its own already, hence few islands."""

    islands: int = Field(2, ge=1)
    generations: int = Field(50, ge=1, description="the drafts included")
    individuals: int = Field(5, ge=1, description="bred a generation on each island")
    crossover_prob: float = Field(0.5, ge=0, le=1, description="of a child of two parents instead of one")
    first_temperature: float = Field(1.0, gt=0, description="of the choice of parents: the fitter by exp(1 / T) over the range of fitness")
    last_temperature: float = Field(0.1, gt=0, description="at the end of the generations or of the evaluations")
    migration_interval: int = Field(2, ge=1, description="generations after which the best of each island joins the next one")

    @property
    def generation_size(self) -> int:
        return self.islands * self.individuals


@dataclass(frozen=True)
class Evolutionary:
    """The policy as a function. The k-th child belongs to island k modulo the number of islands, so nothing need be remembered."""

    settings: Settings
    parameters: EvolutionaryParameters = field(default_factory=EvolutionaryParameters)

    def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:
        """Repair at once; draft the first generation; else breed."""
        islands = populate(tree, self.parameters)

        def take(batch: Batch) -> bool:
            if any(batch.debug(node) for node in batch.broken(self.settings.debug_rounds)):
                return True
            born = batch.count(*BREEDING)
            generation = born // self.parameters.generation_size
            if generation >= self.parameters.generations:
                return False
            if generation == 0 and batch.draft():
                return True
            at = temperature(self.parameters, generation, len(tree.nodes), budget)
            return self._breed(batch, islands[born % self.parameters.islands] or batch.ranked, at, rng) or batch.draft()

        return fill(tree, budget, self.settings.batch, self.parameters, take)

    def _breed(self, batch: Batch, island: Sequence[Node], at: float, rng: Random) -> bool:
        """A child of two parents or one; where the pair or the parent has nothing more to give, of the best that has."""
        if not island:
            return False
        ordered = sorted(island, key=lambda node: node.number)
        weights = softmax([value(batch.tree, node) for node in ordered], at)
        (first,) = rng.choices(ordered, weights)
        others = [(node, weight) for node, weight in zip(ordered, weights, strict=True) if node is not first]
        if others and rng.random() < self.parameters.crossover_prob:
            (second,) = rng.choices([node for node, _ in others], [weight for _, weight in others])
            if batch.cross(first, second):
                return True
        return batch.improve(first) or any(batch.improve(node) for node in batch.ranked)


def populate(tree: Tree, parameters: EvolutionaryParameters) -> list[list[Node]]:
    """The members of each island, replayed: drafts are accepted, children only if better than the island's mean when they are born."""
    islands: list[list[Node]] = [[] for _ in range(parameters.islands)]
    last = ends(tree)
    breeding = [action for action in tree.actions if action.operator in BREEDING]
    for position, action in enumerate(breeding):
        island, child = islands[position % parameters.islands], last.get(action.id)
        if child and child.valid and (action.operator is Operator.DRAFT or accepted(tree, island, child)):
            island.append(child)
        if (position + 1) % (parameters.generation_size * parameters.migration_interval) == 0:
            migrate(tree, islands)
    return islands


def accepted(tree: Tree, island: Sequence[Node], child: Node) -> bool:
    """Whether the child is strictly better than the mean of the island; an empty one takes any."""
    return not island or value(tree, child) > fmean(value(tree, node) for node in island)


def migrate(tree: Tree, islands: list[list[Node]]) -> None:
    """The best of each island joins the next one, in a ring, all at once."""
    for island, best in enumerate([tree.best(members) for members in islands]):
        following = islands[(island + 1) % len(islands)]
        if best and best not in following:
            following.append(best)


def softmax(values: Sequence[float], temperature: float) -> list[float]:
    """Probabilities ∝ exp(f / T), with fitness f = the values from 0 (least) to 1 (largest), or 0.5 if all are equal."""
    low, high = min(values), max(values)
    fitness = [(each - low) / (high - low) if high > low else 0.5 for each in values]
    weights = [exp((each - 1) / temperature) for each in fitness]
    total = sum(weights)
    return [weight / total for weight in weights] if total else [1 / len(weights)] * len(weights)


def temperature(parameters: EvolutionaryParameters, generation: int, used: int, budget: Budget) -> float:
    """From the first to the last in equal steps over the generations, or over the evaluations, whichever is further gone."""
    gone = generation / max(1, parameters.generations - 1)
    if budget.evaluations is not None and used + budget.evaluations > 0:
        gone = max(gone, used / (used + budget.evaluations))
    return parameters.first_temperature + (parameters.last_temperature - parameters.first_temperature) * gone


register("evolutionary", Evolutionary, EvolutionaryParameters())
