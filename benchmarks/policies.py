"""The search policies on a landscape with known answers: `python -m benchmarks.policies [--seeds 50]` prints Markdown tables.

`--policies greedy worst_first.py` compares some, also your own; `--curves FILE` writes whole regret curves, as CSV or as a picture (.svg).

A solution is a vector of block qualities, 0..1; its true score is their weighted sum, at most 1. Drafts are mediocre everywhere; a change
draws one block's quality anew; ablating a block sets it to 0; what is tried fails now and then and is repaired half of the time. The search
sees the mean of five folds, each with noise. With racing, what will hardly be better than its incumbent, by one or two folds, is stopped by
the rule of evaluation/racing.py, and takes as much less time. Regret is 1 minus the true score of what the search would choose. Durations
are lognormal; a batch takes as long as its longest, on as many slots as it has actions.
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import exp, sqrt
from pathlib import Path
from random import Random
from statistics import fmean, stdev

from evaluation.racing import LOOKS, hardly_better
from journal import Action, Candidate, Evaluation, FoldResult, ModelCard, Node, Operator, Settings, Status, Study, Tree
from policies import Budget, make_policy, policy_names

LANDSCAPES = {
    "all in one of twelve blocks": (1.0, *(0.0,) * 11),
    "all in one of six blocks": (1.0, *(0.0,) * 5),
    "most in one of six blocks": (0.75, *(0.05,) * 5),
    "even over six blocks": (1 / 6,) * 6,
}
NOISES, BATCHES = (0.0, 0.05), (1, 4, 16)
FAILURES, REPAIRS, SIGMA = 0.2, 0.5, 0.5
MEAN_DURATION = exp(SIGMA**2 / 2)
CHECKPOINTS = (10, 20, 40, 80)
FOLDS = 5
CARD = ModelCard(name="m", family="f", why="w", code="x", source="simulated")


@dataclass
class World:
    """The simulated engineer and evaluator of one track."""

    weights: Sequence[float]
    noise: float
    """Standard deviation of a score over all folds."""
    rng: Random
    racing: bool = False
    qualities: dict[int, tuple[float, ...]] = field(default_factory=dict)
    tree: Tree = field(default_factory=lambda: Tree(greater_is_better=True, cards=((CARD,) * 4,)))
    elapsed: float = 0.0
    worked: float = 0.0
    regrets: list[float] = field(default_factory=list)
    """After each evaluation."""
    times: list[tuple[float, float]] = field(default_factory=list)
    """(wall-clock in mean durations, regret) after each batch."""

    def search(self, name: str, batch: int, evaluations: int, time: float = float("inf")) -> "World":
        policy = make_policy(Settings(policy=name, batch=batch, racing=self.racing))
        while (left := evaluations - len(self.tree.nodes)) > 0 and self.elapsed < time * MEAN_DURATION:
            actions = policy(self.tree, Budget(left), Random(self.rng.random()))
            if actions[0].operator is Operator.STOP:
                break
            durations = [duration for action in actions for duration in self._carry_out(action, evaluations)]
            self.elapsed += max(durations, default=0.0)
            self.worked += sum(durations)
            self.times.append((self.elapsed / MEAN_DURATION, self.regrets[-1] if self.regrets else 1.0))
        return self

    def _carry_out(self, action: Action, evaluations: int) -> list[float]:
        action = action.model_copy(update={"id": f"1.{len(self.tree.actions) + 1:04d}", "track": 1})
        self.tree = replace(self.tree, actions=(*self.tree.actions, action), closed=self.tree.closed | {action.id})
        if action.operator is Operator.TARGET:
            self._conclude(action)
            return []
        made = self._made(action)[: evaluations - len(self.tree.nodes)]
        shares = [self._evaluate(action, block, qualities) for block, qualities in made]
        return [share * self.rng.lognormvariate(0, SIGMA) for share in shares]

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

    def _evaluate(self, action: Action, block: int | None, qualities: tuple[float, ...]) -> float:
        """Measure a candidate; gives the share of its folds that ran."""
        number = 1001 + len(self.tree.nodes)
        self.qualities[number] = qualities
        fails = self.rng.random() < (1 - REPAIRS if action.operator is Operator.DEBUG else FAILURES)
        scores = [self.true(number) + self.rng.gauss(0, self.noise * sqrt(FOLDS)) for _ in range(FOLDS)]
        ran = FOLDS if fails else self._heats(action, scores)
        status, score = (Status.CRASHED, None) if fails else (Status.OK, fmean(scores[:ran]))
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
        folds = tuple(FoldResult(fold=fold, status=status, score=None if fails else each) for fold, each in enumerate(scores[:ran]))
        evaluation = Evaluation(fidelity="search", folds=folds, status=status, score=score, raced=ran < FOLDS)
        self.tree = replace(self.tree, nodes=(*self.tree.nodes, Node(candidate, evaluation)))
        best = self.tree.best(self.tree.nodes)
        self.regrets.append(1 - self.true(best.number) if best else 1.0)
        return ran / FOLDS

    def _heats(self, action: Action, scores: list[float]) -> int:
        """After how many folds the candidate is stopped."""
        if action.incumbent is None:
            return FOLDS
        incumbent = self.tree.node(action.incumbent).evaluation
        for look in LOOKS:
            ours = [fold.score or 0.0 for fold in incumbent.folds[:look]] if incumbent else []
            error = self.noise * sqrt(FOLDS) * sqrt(2 / look)
            if hardly_better(fmean(scores[:look]) - fmean(ours), error, look, FOLDS):
                return look
        return FOLDS

    def _conclude(self, action: Action) -> None:
        """The block whose loss costs most, of those that the last step did not refine; without a study, a block by lot."""
        last = self.tree.studies[-1].target if self.tree.studies else None
        ablated = [node for node in self.tree.made_by(Operator.ABLATE) if node.candidate.step == action.step and node.score is not None]
        worst = min((node for node in ablated if node.candidate.block != last), key=lambda node: node.score or 0.0, default=None)
        others = [block for block in range(len(self.weights)) if str(block) != last]
        drawn = None if action.lot is None else str(others[int(action.lot * len(others))])
        study = Study(
            number=action.step or 0,
            action=action.id,
            track=1,
            step=action.step or 0,
            base=action.parents[0],
            base_score=0.0,
            rows=(),
            target=drawn or (worst.candidate.block if worst else None),
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


def regret_in_time(worlds: Sequence[World], time: float) -> str:
    """The same after so much wall-clock."""
    values = [next((regret for at, regret in reversed(world.times) if at <= time), 1.0) for world in worlds]
    return f"{fmean(values):.3f} ± {stdev(values) / len(values) ** 0.5:.3f}"


def speed_up(worlds: Sequence[World]) -> float:
    """Script time over wall-clock, on as many slots as actions in a batch."""
    return sum(world.worked for world in worlds) / sum(world.elapsed for world in worlds)


def searched(name: str, weights: Sequence[float], noise: float, batch: int, seeds: int) -> list[World]:
    """The same search with every seed."""
    return [World(weights, noise, Random(seed)).search(name, batch, CHECKPOINTS[-1]) for seed in range(seeds)]


def races(name: str) -> bool:
    """Whether the policy names incumbents."""
    return name.startswith(("mle-star", "greedy"))


def evaluations_table(names: Sequence[str], landscape: str, noise: float, batch: int, seeds: int) -> Iterator[dict[str, object]]:
    """Print the regret by evaluations; gives the curves' points."""
    print(f"\n**Effects: {landscape}; noise {noise}; batch {batch}** — regret after so many evaluations\n")
    print("| policy | " + " | ".join(map(str, CHECKPOINTS)) + " | speed-up |\n|---|" + "---|" * (len(CHECKPOINTS) + 1))
    for name in names:
        worlds = searched(name, LANDSCAPES[landscape], noise, batch, seeds)
        print(f"| {name} | " + " | ".join(regret(worlds, each) for each in CHECKPOINTS) + f" | {speed_up(worlds):.1f}× |", flush=True)
        for place in range(CHECKPOINTS[-1]):
            mean = fmean(world.regrets[min(place, len(world.regrets) - 1)] for world in worlds)
            yield {
                "landscape": landscape,
                "noise": noise,
                "batch": batch,
                "policy": name,
                "evaluations": place + 1,
                "regret": round(mean, 4),
            }


def racing_table(names: Sequence[str], landscape: str, noise: float, batch: int, seeds: int) -> None:
    """Print the regret by wall-clock, with and without racing."""
    print(f"\n**Effects: {landscape}; noise {noise}; batch {batch}** — regret after so much wall-clock, in mean durations of a candidate\n")
    times = CHECKPOINTS[:-1] if batch == 1 else [each / 2 for each in CHECKPOINTS[:-1]]
    print("| policy | racing | " + " | ".join(f"{each:g}" for each in times) + " |\n|---|---|" + "---|" * len(times))
    for name in filter(races, names):
        for racing in (False, True):
            made = (World(LANDSCAPES[landscape], noise, Random(seed), racing) for seed in range(seeds))
            worlds = [world.search(name, batch, 500, times[-1]) for world in made]
            print(
                f"| {name} | {'on' if racing else 'off'} | " + " | ".join(regret_in_time(worlds, each) for each in times) + " |", flush=True
            )


def write_curves(points: Sequence[dict[str, object]], path: Path) -> None:
    """All of them as CSV, or those with noise as a picture."""
    if path.suffix != ".svg":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(points[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(points)
        return
    import altair as alt

    from reports.charts import svg

    shown = [point for point in points if point["noise"] == NOISES[-1] and point["batch"] in (BATCHES[0], BATCHES[-1])]
    names = list(dict.fromkeys(str(point["policy"]) for point in shown))
    colours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#000000", "#F0E442"]
    colour = alt.Color("policy:N", legend=alt.Legend(title=None), scale=alt.Scale(domain=names, range=colours[: len(names)]))
    lines = (
        alt.Chart(alt.InlineData(values=shown))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=alt.X("evaluations:Q", title="evaluations"),
            y=alt.Y("regret:Q", title="regret"),
            color=colour,
            strokeDash=alt.StrokeDash("policy:N"),
        )
    )
    rows = alt.Row("landscape:N", title=None, sort=list(LANDSCAPES))
    path.write_text(svg(lines.properties(width=330, height=150).facet(row=rows, column=alt.Column("batch:O", title="batch")), "white"))


def main() -> None:
    """Print one table for each landscape, noise and batch size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=50, help="searches of each kind, two at least")
    parser.add_argument("--policies", nargs="+", default=list(policy_names()), metavar="NAME", help="names, or Python files")
    parser.add_argument("--curves", type=Path, action="append", default=[], metavar="FILE", help="may be given twice: .csv, .svg")
    given = parser.parse_args()
    points: list[dict[str, object]] = []
    for landscape in LANDSCAPES:
        for noise in NOISES:
            for batch in BATCHES:
                points += evaluations_table(given.policies, landscape, noise, batch, given.seeds)
    for path in given.curves:
        write_curves(points, path)
    for landscape in LANDSCAPES:
        for noise in NOISES:
            for batch in BATCHES:
                racing_table(given.policies, landscape, noise, batch, given.seeds)


if __name__ == "__main__":
    main()
