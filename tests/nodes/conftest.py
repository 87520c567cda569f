from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pytest

from competitions import METRICS, Competition, Views, ViewSource, load_competition, make_brief
from evaluation import Evaluator, Slots, Store
from flows.carry import measure
from journal import Candidate, Evaluation, Fidelity, Run, RunInfo, Settings, Started
from nodes import STEPS_AT_MOST, Clock, Context, run_graph
from policies import Ensembling, make_policy
from sandbox import Limits, LocalRunner
from tests.nodes.toy import ToyEngineer, make_toy


class Bench:
    """Whole searches on the toy competition, without Prefect; every run has a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.folds, self.rows, self.search_rows = folder, 2, 60, 30_000
        self.count = 0

    @cached_property
    def competition(self) -> Competition:
        return load_competition(make_toy(self.folder / "toy", self.rows))

    @cached_property
    def engineer(self) -> ToyEngineer:
        return ToyEngineer(make_brief(self.competition))

    def new(self, **settings: object) -> Run:
        self.count += 1
        chosen = Settings.model_validate({"tracks": 2, "models": 2, "outer_steps": 2, "inner_steps": 2, "ensemble_rounds": 2, **settings})
        info = RunInfo(
            id=str(self.count),
            competition="toy",
            competition_path=str(self.folder / "toy"),
            metric="rmse",
            greater_is_better=METRICS["rmse"].greater_is_better,
            target="y",
            settings=chosen,
            engineer="toy",
            isolation="local",
            folds=self.folds,
            validation="plain",
        )
        run = Run.create(self.folder / "runs" / str(self.count), info)
        run.open_for_writing()
        run.append(Started(settings=chosen))
        return run

    def context(self, run: Run, slots: int = 2, clock: Clock | None = None) -> Context:
        views = Views(self.competition, self.folder / "cache", folds=self.folds, search_rows=self.search_rows)
        evaluator = Evaluator(LocalRunner(), Slots(slots), Store(run.folder / "store"), Limits(seconds=20.0))

        async def evaluate(
            candidate: Candidate, views: ViewSource, fidelity: Fidelity = "search", folds: Sequence[int | None] | None = None
        ) -> Evaluation:
            return await measure(run, evaluator, candidate, views, fidelity, folds)

        return Context(
            run=run,
            brief=self.engineer.brief,
            views=views,
            cache=self.folder / "cache",
            engineer=self.engineer,
            policy=make_policy(run.settings),
            ensembling=Ensembling(run.settings),
            evaluate=evaluate,
            clock=clock or Clock(run.settings.seconds),
        )

    async def solve(self, run: Run, slots: int = 2, clock: Clock | None = None) -> Run:
        await run_graph().ainvoke({"track": 0}, {"recursion_limit": STEPS_AT_MOST}, context=self.context(run, slots, clock))
        return run


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
