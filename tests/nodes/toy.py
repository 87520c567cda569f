"""A competition and an engineer small enough to run whole searches in seconds, with real scripts.

y = a + b + c, and each block of a solution adds one of the three.
"""

import csv
import random
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from competitions import Brief
from engineers import Attempt, EngineerError, Member, Proposal, Review, Target, Variant
from ensembles import STRATEGIES, render_strategy
from journal import Block, ModelCard, Solution, Study

SCRIPT = """# %% load
import csv
rows = list(csv.DictReader(open("input/test.csv")))
train = list(csv.DictReader(open("input/train.csv")))
values = [0.0 for _ in rows]

# %% part a
{a}

# %% part b
{b}

# %% part c
{c}

# %% write
with open("submission.csv", "w") as file:
    file.write("id,y\\n")
    file.writelines(f"{{row['id']}},{{value}}\\n" for row, value in zip(rows, values))
"""


def part(column: str, weight: float) -> str:
    return f'values = [value + {weight} * float(row["{column}"]) for row, value in zip(rows, values)]'


def script(a: float = 0.0, b: float = 0.0, c: float = 0.0) -> str:
    return SCRIPT.format(a=part("a", a), b=part("b", b), c=part("c", c))


def make_toy(folder: Path, rows: int = 60) -> Path:
    """A plain competition folder; b matters most, c next, a least."""
    rng = random.Random(0)
    folder.mkdir(parents=True)
    (folder / "description.md").write_text("# Toy\n\nPredict `y`. The metric is **RMSE**; lower is better.\n")
    table = [[n, rng.gauss(0, 1), rng.gauss(0, 3), rng.gauss(0, 2)] for n in range(rows + 20)]
    with (folder / "train.csv").open("w", newline="") as train, (folder / "test.csv").open("w", newline="") as test:
        csv.writer(train).writerows([["id", "a", "b", "c", "y"], *([*row, sum(row[1:])] for row in table[:rows])])
        csv.writer(test).writerows([["id", "a", "b", "c"], *table[rows:]])
    (folder / "sample_submission.csv").write_text("id,y\n" + "".join(f"{row[0]},0.5\n" for row in table[rows:]))
    return folder


class ToyEngineer:
    """Drafts with one part each, merges by taking the other's part, plans better weights for the target."""

    name = "toy"
    weights = (0.25, 0.5, 0.75, 1.0)

    def __init__(self, brief: Brief) -> None:
        self.brief = brief

    async def retrieve(self, count: int) -> tuple[ModelCard, ...]:
        codes = {"a": script(a=1), "b": script(b=0.5), "broken": "# %% load\nraise RuntimeError('broken')", "c": script(c=0.5)}
        cards = [ModelCard(name=name, family=name, why="toy", code=code, source="toy") for name, code in codes.items()]
        return tuple(cards[:count])

    async def draft(self, card: ModelCard) -> Proposal | None:
        return Proposal(card.name, f"Try {card.name}.", card.code)

    async def merge(self, base: Solution, reference: Solution) -> Proposal | None:
        merged = base
        for title in ("part a", "part b", "part c"):
            if "0.0 *" in base.block(title).source and "0.0 *" not in reference.block(title).source:
                merged = merged.replace(title, reference.block(title).source)
        return Proposal("merged", "Take the parts of both.", str(merged)) if merged != base else None

    async def debug(self, broken: Solution, error: str, tried: Sequence[str]) -> Proposal | None:
        if "broken" not in error:
            raise EngineerError(f"the debugger was not shown the error, but {error!r}")
        return Proposal("repaired", f"Repair {len(tried) + 1}.", script(a=0.1)) if not tried else None

    async def variants(self, solution: Solution, earlier: Sequence[Study]) -> tuple[Variant, ...]:
        return tuple(Variant(title, f"without {title}", "pass") for title in ("part a", "part b", "part c", "nowhere"))

    async def target(self, solution: Solution, study: Study, refined: Sequence[str]) -> Target | None:
        row = next((row for row in study.rows if row.block not in refined), None)
        return Target(row.block, f"Weigh {row.block} with {self.weights[0]}.", "The largest effect.") if row else None

    async def plan(self, solution: Solution, block: str, attempts: Sequence[Attempt]) -> str | None:
        left = [weight for weight in self.weights if not any(str(weight) in attempt.plan for attempt in attempts)]
        return f"Weigh {block} with {left[0]}." if left else None

    async def rewrite(self, solution: Solution, block: str, plan: str) -> str | None:
        return part(block.removeprefix("part "), float(plan.rsplit(maxsplit=1)[-1].rstrip(".")))

    async def use_files(self, solution: Solution, unopened: Sequence[str]) -> Proposal | None:
        return None

    async def improve(self, solution: Solution, attempts: Sequence[Attempt]) -> Proposal | None:
        plan = await self.plan(solution, "part c", attempts)
        source = await self.rewrite(solution, "part c", plan) if plan else None
        if plan is None or source is None or source == solution.block("part c").source:
            return None
        return Proposal("improved", plan, str(solution.replace("part c", source)), "part c")

    async def crossover(self, first: Solution, second: Solution) -> Proposal | None:
        return await self.merge(first, second)

    async def review(self, solution: Solution) -> Review | None:
        return None

    async def ensemble(self, members: Sequence[Member], correlations: pd.DataFrame, attempts: Sequence[Attempt]) -> Proposal | None:
        fitting = [strategy for strategy in STRATEGIES if strategy.fits(self.brief)]
        if len(attempts) >= len(fitting):
            return None
        strategy = fitting[len(attempts)]
        code = render_strategy(strategy, self.brief, [member.prefix for member in members])
        return Proposal(strategy.name, strategy.plan, code)


def with_block(code: str, title: str, source: str) -> str:
    """The script with a further block behind `load`."""
    return str(Solution.parse(code).insert_after("load", Block(title, source)))
