"""The search policies on a landscape with known answers: `python -m benchmarks.policies [--seeds 50]` prints Markdown tables.

A solution is a vector of block qualities, 0..1; its true score is their weighted sum, at most 1. Drafts are mediocre everywhere; a change
draws one block's quality anew; ablating a block sets it to 0; what is tried fails now and then and is repaired half of the time. The search
sees the score with noise. Regret is 1 minus the true score of what the search would choose. Durations are lognormal; a batch takes as
long as its longest, on as many slots as it has actions.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from statistics import fmean, stdev

from journal import Action, Candidate, Evaluation, FoldResult, ModelCard, Node, Operator, Settings, Status, Study, Tree
from policies import Budget, make_policy, policy_names

LANDSCAPES = {"one block": (0.75, 0.05, 0.05, 0.05, 0.05, 0.05), "even": (1 / 6,) * 6}
FAILURES, REPAIRS, SIGMA = 0.2, 0.5, 0.5
CHECKPOINTS = (10, 20, 40, 80)
CARD = ModelCard(name="m", family="f", why="w", code="x", source="simulated")


@dataclass
class World:
    """The simulated engineer and evaluator of one track."""

    weights: Sequence[float]
    noise: float
    rng: Random
    qualities: dict[int, tuple[float, ...]] = field(default_factory=dict)
    tree: Tree = field(default_factory=lambda: Tree(greater_is_better=True, cards=((CARD,) * 4,)))
    elapsed: float = 0.0
    worked: float = 0.0
    regrets: list[float] = field(default_factory=list)
    """After each evaluation."""

    def search(self, name: str, batch: int, evaluations: int) -> "World":
        policy = make_policy(Settings(policy=name, batch=batch))
        while (left := evaluations - len(self.tree.nodes)) > 0:
            actions = policy(self.tree, Budget(left), Random(self.rng.random()))
            if actions[0].operator is Operator.STOP:
                break
            durations = [duration for action in actions for duration in self._carry_out(action, evaluations)]
            self.elapsed += max(durations, default=0.0)
            self.worked += sum(durations)
        return self

    def _carry_out(self, action: Action, evaluations: int) -> list[float]:
        action = action.model_copy(update={"id": f"1.{len(self.tree.actions) + 1:04d}", "track": 1})
        self.tree = replace(self.tree, actions=(*self.tree.actions, action), closed=self.tree.closed | {action.id})
        if action.operator is Operator.TARGET:
            self._conclude(action)
            return []
        made = self._made(action)[: evaluations - len(self.tree.nodes)]
        for block, qualities in made:
            self._evaluate(action, block, qualities)
        return [self.rng.lognormvariate(0, SIGMA) for _ in made]

    def _made(self, action: Action) -> list[tuple[int | None, tuple[float, ...]]]:
        """The qualities of what an operator makes, and the block that was changed."""
        blocks = range(len(self.weights))
        parents = [self.qualities[number] for number in action.parents]
        match action.operator:
            case Operator.DRAFT:
                return [(None, tuple(self.rng.uniform(0.2, 0.6) for _ in blocks))]
            case Operator.DEBUG:
                return [(None, parents[0])]
            case Operator.MERGE | Operator.CROSSOVER:
                return [(None, tuple(self.rng.choice(pair) for pair in zip(*parents, strict=True)))]
            case Operator.ABLATE:
                return [(block, changed(parents[0], block, 0.0)) for block in blocks]
            case Operator.REFINE:
                study = next(study for study in self.tree.studies if study.step == action.step)
                return [(block := int(study.target or 0), changed(parents[0], block, self.rng.random()))]
            case _:
                return [(block := self.rng.choice(blocks), changed(parents[0], block, self.rng.random()))]

    def _evaluate(self, action: Action, block: int | None, qualities: tuple[float, ...]) -> None:
        number = 1001 + len(self.tree.nodes)
        self.qualities[number] = qualities
        fails = self.rng.random() < (1 - REPAIRS if action.operator is Operator.DEBUG else FAILURES)
        status, score = (Status.CRASHED, None) if fails else (Status.OK, self.true(number) + self.rng.gauss(0, self.noise))
        name = None if block is None else str(block)
        candidate = Candidate(
            number=number,
            action=action.id,
            track=1,
            operator=action.operator,
            parents=action.parents,
            title="t",
            block=name,
            step=action.step,
            digest=str(number),
        )
        evaluation = Evaluation(fidelity="search", folds=(FoldResult(fold=0, status=status, score=score),), status=status, score=score)
        self.tree = replace(self.tree, nodes=(*self.tree.nodes, Node(candidate, evaluation)))
        best = self.tree.best(self.tree.nodes)
        self.regrets.append(1 - self.true(best.number) if best else 1.0)

    def _conclude(self, action: Action) -> None:
        """The block whose loss costs most, of those that the last step did not refine."""
        last = self.tree.studies[-1].target if self.tree.studies else None
        ablated = [node for node in self.tree.made_by(Operator.ABLATE) if node.candidate.step == action.step and node.score is not None]
        worst = min((node for node in ablated if node.candidate.block != last), key=lambda node: node.score or 0.0, default=None)
        study = Study(
            number=action.step or 0,
            action=action.id,
            track=1,
            step=action.step or 0,
            base=action.parents[0],
            base_score=0.0,
            rows=(),
            target=worst.candidate.block if worst else None,
            plan="p",
        )
        self.tree = replace(self.tree, studies=(*self.tree.studies, study))

    def true(self, number: int) -> float:
        return sum(weight * quality for weight, quality in zip(self.weights, self.qualities[number], strict=True))


def changed(qualities: tuple[float, ...], block: int, quality: float) -> tuple[float, ...]:
    """The same with another quality of one block."""
    return (*qualities[:block], quality, *qualities[block + 1 :])


def regret(worlds: Sequence[World], evaluations: int) -> str:
    """The mean ± its standard error; a search that ended early keeps what it had."""
    values = [world.regrets[min(evaluations, len(world.regrets)) - 1] for world in worlds]
    return f"{fmean(values):.3f} ± {stdev(values) / len(values) ** 0.5:.3f}"


def main() -> None:
    """Print one table for each landscape, noise and batch size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=50)
    seeds = parser.parse_args().seeds
    for landscape, weights in LANDSCAPES.items():
        for noise in (0.0, 0.05):
            for batch in (1, 4, 16):
                print(f"\n**Effects: {landscape}; noise {noise}; batch {batch}** — regret after so many evaluations\n")
                print("| policy | " + " | ".join(map(str, CHECKPOINTS)) + " | speed-up |\n|---|" + "---|" * (len(CHECKPOINTS) + 1))
                for name in policy_names():
                    worlds = [World(weights, noise, Random(seed)).search(name, batch, CHECKPOINTS[-1]) for seed in range(seeds)]
                    faster = sum(world.worked for world in worlds) / sum(world.elapsed for world in worlds)
                    print(f"| {name} | " + " | ".join(regret(worlds, each) for each in CHECKPOINTS) + f" | {faster:.1f}× |")


if __name__ == "__main__":
    main()
