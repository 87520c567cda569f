"""Racing against measuring everything on all folds: the same searches, the same number of evaluations, nothing in the store.

    python -m benchmarks.racing FOLDER... [--evaluations 24] [--tracks 2] [--seed 0] [--slots 1] [--search-rows 30000]
        [--script-seconds 600]

Each folder is a competition. Both searches run at the same time, each on slots of its own, so that they find the machine alike. Of each
competition, one JSON line: `saved` is the share of the script time of drafts and refinements (improvements included, what was stopped early
counted as far as it ran) that racing saves; `delta` is how much better the final out-of-fold score is with racing, in the metric's units,
`standard_error` that of the paired bootstrap over the held-out rows. The last JSON line sums up: `saved` over all script time together, and
whether any final score is significantly worse (by 1.96).
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from competitions import ViewSource
from evaluation import PREDICTIONS, Store, compare, execution_name, load_predictions
from flows.carry import measure
from flows.workshop import Order, Workshop, new_run
from journal import Candidate, Evaluation, Executed, Fidelity, Operator, Run, Settings
from nodes import STEPS_AT_MOST, run_graph

COUNTED = (Operator.DRAFT, Operator.REFINE, Operator.IMPROVE)
SIGNIFICANT = 1.96


@dataclass(frozen=True)
class Search:
    """A finished run."""

    workshop: Workshop

    @property
    def run(self) -> Run:
        return self.workshop.run

    def seconds(self, *operators: Operator) -> float:
        """Script time of the candidates that these operators made in the search, all executions that were finished."""
        made = {node.number for node in self.run.tree().nodes if node.candidate.operator in operators}
        return sum(entry.result.seconds for entry in self.run.entries(Executed) if entry.candidate in made and entry.fidelity == "search")

    def predictions(self) -> list:  # type: ignore[type-arg]
        """Of the chosen candidate, fold by fold."""
        assert self.run.finished is not None and self.run.finished.chosen is not None
        folder = self.run.candidate_folder(self.run.finished.chosen)
        return [load_predictions(folder / execution_name("search", fold) / PREDICTIONS) for fold in range(self.run.info.folds)]


async def search(competition: Path, settings: Settings, folder: Path) -> Search:
    """One run of the state machine, without Prefect, with a store of its own."""
    workshop = new_run(Order(competition, settings, folder / "runs", f"racing-{settings.racing}"))
    workshop = replace(workshop, evaluator=replace(workshop.evaluator, store=Store(folder / f"store-{settings.racing}")))

    async def evaluate(
        candidate: Candidate, views: ViewSource, fidelity: Fidelity = "search", folds: Sequence[int | None] | None = None
    ) -> Evaluation:
        return await measure(workshop.run, workshop.evaluator, candidate, views, fidelity, folds)

    await run_graph().ainvoke({"track": 0}, {"recursion_limit": STEPS_AT_MOST}, context=workshop.context(evaluate=evaluate))
    return Search(workshop)


async def both(competition: Path, settings: Sequence[Settings], folder: Path) -> list[Search]:
    """At once."""
    return await asyncio.gather(*(search(competition, each, folder) for each in settings))


def figures(without: Search, racing: Search) -> dict[str, object]:
    """What the two searches took, and how good their answers are."""
    before, after = without.seconds(*COUNTED), racing.seconds(*COUNTED)
    views = racing.workshop.views
    compared = compare(views.competition, views.answers(), racing.predictions(), without.predictions())
    nodes = [node for node in racing.run.tree().nodes if node.candidate.operator in COUNTED]
    return {
        "competition": views.competition.id,
        "metric": views.competition.metric,
        "seconds_without": round(before, 1),
        "seconds_racing": round(after, 1),
        "saved": round(1 - after / before, 3),
        "stopped_early": sum(node.raced for node in nodes),
        "drafts_and_refinements": len(nodes),
        "evaluations": [len(search.run.tree().nodes) for search in (without, racing)],
        "score_without": without.run.finished and without.run.finished.score,
        "score_racing": racing.run.finished and racing.run.finished.score,
        "delta": compared.delta,
        "standard_error": compared.standard_error,
    }


def sum_up(rows: list[dict[str, object]]) -> dict[str, object]:
    """The last line."""
    before, after = (sum(float(str(row[name])) for row in rows) for name in ("seconds_without", "seconds_racing"))
    worse = [row["competition"] for row in rows if float(str(row["delta"])) < -SIGNIFICANT * float(str(row["standard_error"]))]
    return {"competitions": len(rows), "saved": round(1 - after / before, 3), "significantly_worse": worse}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="The same searches with and without racing.")
    parser.add_argument("competitions", nargs="+", type=Path)
    parser.add_argument("--evaluations", type=int, default=24)
    parser.add_argument("--tracks", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--search-rows", type=int, default=Settings().search_rows)
    parser.add_argument("--script-seconds", type=float, default=Settings().script_seconds, help="recipes fit their size to it")
    options = vars(parser.parse_args())
    competitions = options.pop("competitions")
    settings = Settings(**options)
    rows = []
    for competition in competitions:
        with tempfile.TemporaryDirectory() as folder:
            switched = [settings.model_copy(update={"racing": racing}) for racing in (False, True)]
            without, racing = asyncio.run(both(competition, switched, Path(folder)))
            rows.append(figures(without, racing))
        print(json.dumps(rows[-1]), flush=True)
    print(json.dumps(sum_up(rows)))


if __name__ == "__main__":
    main()
