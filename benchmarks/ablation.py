"""An ablation study on one slot and on more, each with an empty store, and the same study again from the store.

    python -m benchmarks.ablation COMPETITION [--slots 2] [--seed 0] [--search-rows 30000]

`COMPETITION` is a folder. The study is the recipes' own: their first draft, up to six variants of it on five folds, and every variant
compared with the draft on the same held-out rows. A script has one thread whatever the number of slots. The draft is evaluated before, as
in a run, so that the views are there and the runner is warm. The last line is JSON: `slots_ratio`, how many times faster the study is on
the slots than on one, and `stored_seconds`, what it takes inside the process when every execution is in the store.
"""

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from competitions import Views, load_competition, make_brief
from engineers import RecipesEngineer
from evaluation import PREDICTIONS, Evaluator, MachineSlots, Slots, Store, compare, execution_name, load_predictions
from journal import Evaluation, Settings, Solution
from sandbox import Limits, Runner, best_runner

FOLDS = 5


@dataclass(frozen=True)
class Work:
    """A study that is to be done: the base and its variants, as scripts."""

    views: Views
    base: str
    variants: dict[str, str]
    """By title."""


@dataclass(frozen=True)
class Done:
    """A study that was done."""

    seconds: float
    evaluations: dict[str, Evaluation]
    deltas: dict[str, tuple[float, float]]
    """How much worse than the base, and its standard error."""


async def prepare(competition: Path, cache: Path, seed: int, rows: int) -> Work:
    """The recipes' first draft for the competition and the variants that they would look at first."""
    views = Views(load_competition(competition), cache, seed=seed, folds=FOLDS, search_rows=rows)
    engineer = RecipesEngineer(make_brief(views.competition), seed)
    draft = await engineer.draft((await engineer.retrieve(1))[0])
    assert draft is not None
    solution = Solution.parse(draft.code)
    variants = await engineer.variants(solution, ())
    return Work(views, draft.code, {each.title: str(solution.replace(each.block, each.replacement)) for each in variants})


async def study(work: Work, evaluator: Evaluator, base: Path, folder: Path) -> Done:
    """Evaluate all variants at once, as slots allow, and compare each with the base."""
    started = time.perf_counter()
    evaluations = await asyncio.gather(
        *(
            evaluator.evaluate(code, work.views, folder / str(number), priority=(number,))
            for number, code in enumerate(work.variants.values())
        )
    )
    deltas = {title: await asyncio.to_thread(delta, work, base, folder / str(number)) for number, title in enumerate(work.variants)}
    return Done(time.perf_counter() - started, dict(zip(work.variants, evaluations, strict=True)), deltas)


def delta(work: Work, base: Path, variant: Path) -> tuple[float, float]:
    """How much worse the variant is than the base, paired on the same rows, and its standard error."""
    names = [execution_name("search", fold) for fold in range(FOLDS)]
    first, second = ([load_predictions(folder / name / PREDICTIONS) for name in names] for folder in (base, variant))
    comparison = compare(work.views.competition, work.views.answers(), first, second)
    return comparison.delta, comparison.standard_error


def evaluator_on(slots: int, runner: Runner, store: Path, seed: int) -> Evaluator:
    """One thread a slot, whatever their number."""
    return Evaluator(runner, Slots(slots, (), MachineSlots(), 1), Store(store), Limits(), seed=seed, threads=1)


async def measure(competition: Path, slots: int, seed: int, rows: int, folder: Path) -> dict[str, object]:
    """The three studies and the figures of the JSON line."""
    runner = best_runner()
    work = await prepare(competition, folder / "cache", seed, rows)
    base = await evaluator_on(slots, runner, folder / "base-store", seed).evaluate(work.base, work.views, folder / "base")
    print(f"{work.views.competition.id}, {len(work.variants)} variants on {FOLDS} folds; base {base.score:.5f}; {runner.describe()}\n")
    several = await study(work, evaluator_on(slots, runner, folder / "several", seed), folder / "base", folder / "on-several")
    one = await study(work, evaluator_on(1, runner, folder / "one", seed), folder / "base", folder / "on-one")
    again = await study(work, evaluator_on(slots, runner, folder / "several", seed), folder / "base", folder / "again")
    if not several.deltas == one.deltas == again.deltas:
        raise RuntimeError("the three studies do not say the same")
    for title, evaluation in several.evaluations.items():
        print(f"{title:44.44} {evaluation.status.value:8} {several.deltas[title][0]:+.5f} ± {several.deltas[title][1]:.5f}")
    print(f"\n{slots} slots {several.seconds:.1f} s, 1 slot {one.seconds:.1f} s, from the store {again.seconds:.2f} s")
    return {
        "competition": work.views.competition.id,
        "variants": len(work.variants),
        "folds": FOLDS,
        "search_rows": rows,
        "slots": slots,
        "seconds_one_slot": round(one.seconds, 2),
        "seconds_slots": round(several.seconds, 2),
        "slots_ratio": round(one.seconds / several.seconds, 2),
        "stored_seconds": round(again.seconds, 2),
        "all_from_store": all(fold.stored for evaluation in again.evaluations.values() for fold in evaluation.folds),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="An ablation study on one slot, on more, and from the store.")
    parser.add_argument("competition", type=Path)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--search-rows", type=int, default=Settings().search_rows)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(measure(options.competition, options.slots, options.seed, options.search_rows, Path(folder)))))


if __name__ == "__main__":
    main()
