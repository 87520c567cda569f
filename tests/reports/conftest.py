"""Real run folders with plausible records, made by the journal's own calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from journal import (
    AblationRow,
    Action,
    Candidate,
    Decided,
    Evaluated,
    Evaluation,
    Executed,
    Finished,
    FoldResult,
    ModelCard,
    Operator,
    Proposed,
    Retrieved,
    Run,
    RunInfo,
    Settings,
    Solution,
    Started,
    Status,
    Studied,
    Study,
)

BASE = {
    "imports": "import lightgbm as lgb\nimport pandas as pd",
    "load": 'train = pd.read_csv("input/train.csv")\ntest = pd.read_csv("input/test.csv")',
    "features": """for part in (train, test):
    moment = pd.to_datetime(part["datetime"])
    part["hour"] = moment.dt.hour
    part["month"] = moment.dt.month""",
    "model": """columns = ["hour", "month", "temp"]
model = lgb.LGBMRegressor(n_estimators=200)
model.fit(train[columns], train["count"])""",
    "submission": """sample = pd.read_csv("input/sampleSubmission.csv")
sample["count"] = model.predict(test[columns])
sample.to_csv("submission.csv", index=False)""",
}


def script(**changed: str) -> Solution:
    """The base script with some blocks exchanged or added."""
    return Solution.parse("\n".join(f"# %% {title}\n{source}" for title, source in {**BASE, **changed}.items()))


@dataclass
class Maker:
    """Writes a run's records one candidate at a time."""

    run: Run
    count: dict[int, int] = field(default_factory=dict)

    def candidate(
        self,
        operator: Operator,
        title: str,
        score: float | None,
        *,
        track: int = 1,
        parents: tuple[int, ...] = (),
        solution: Solution | None = None,
        plan: str = "",
        block: str | None = None,
        step: int | None = None,
        status: Status = Status.OK,
        error: str = "",
        seconds: float = 4.0,
        raced: bool = False,
    ) -> int:
        """Decide, propose and evaluate one candidate, `raced`: on its first fold only; returns its number."""
        position = self.count[track] = self.count.get(track, 0) + 1
        number, action = track * 1000 + position, f"{track}.{position:04d}"
        solution = solution or script()
        made = Candidate(
            number=number,
            action=action,
            track=track,
            operator=operator,
            parents=parents,
            title=title,
            plan=plan,
            block=block,
            step=step,
            digest=solution.digest,
        )
        self.run.append(Decided(actions=(Action(id=action, track=track, operator=operator, parents=parents, step=step),)))
        self.run.write_solution(made, solution)
        self.run.append(Proposed(action=action, candidates=(made,)))
        folds = tuple(
            FoldResult(
                fold=fold,
                status=status,
                score=None if score is None else score + (fold - 1) * 0.004,
                seconds=seconds / 3,
                peak_memory=220 * 2**20 + fold,
                error=error,
                files_opened=("sampleSubmission.csv", "test.csv", "train.csv"),
            )
            for fold in range(3)
        )
        kept = folds if status is Status.OK and not raced else folds[:1]
        for result in kept:
            self.run.append(Executed(candidate=number, fidelity="search", result=result))
        evaluation = Evaluation(fidelity="search", folds=kept, status=status, score=score, raced=raced)
        self.run.append(Evaluated(candidate=number, evaluation=evaluation))
        return number

    def study(self, number: int, base: int, score: float, variants: dict[str, tuple[str, float, float]], **conclusion: str) -> Study:
        """An ablation of `base`: `variants` maps a block to (what is switched off, score, standard error); lower scores are better."""
        track, step = base // 1000, int(conclusion.pop("step", "1"))
        deltas = {block: worse - score for block, (_, worse, _) in variants.items()}
        total = sum(map(abs, deltas.values()))
        rows = []
        for block, (title, worse, error) in variants.items():
            made = self.candidate(
                Operator.ABLATE, title, worse, track=track, parents=(base,), solution=script(**{block: "pass"}), block=block, step=step
            )
            share = abs(deltas[block]) / total
            rows.append(
                AblationRow(
                    block=block,
                    title=title,
                    candidate=made,
                    status=Status.OK,
                    score=worse,
                    delta=deltas[block],
                    standard_error=error,
                    share=share,
                    seconds=4.0,
                )
            )
        action = f"{track}.{self.count[track]:04d}t"
        study = Study(number=number, action=action, track=track, step=step, base=base, base_score=score, rows=tuple(rows), **conclusion)
        self.run.append(Studied(study=study))
        return study


@pytest.fixture
def new_run(tmp_path: Path) -> Callable[..., Maker]:
    """Makes a started run in which nothing was tried yet."""

    def make(competition: str = "bike-sharing-demand", greater_is_better: bool = False) -> Maker:
        info = RunInfo(
            id="2026-01-31-a",
            competition=competition,
            competition_path="bike",
            metric="rmsle",
            greater_is_better=greater_is_better,
            target="count",
            settings=Settings(seed=1, outer_steps=2, inner_steps=2, seconds=3600),
            engineer="recipes",
            isolation="local: own process group, no network",
            folds=3,
            validation="blocks of time: the test lies between the training rows",
            versions={"mlestar": "0.1.0", "python": "3.11.2", "lightgbm": "4.7.0"},
            command="mlestar run bike --seed 1",
        )
        run = Run.create(tmp_path / "runs" / "bike" / info.id, info)
        run.open_for_writing()
        run.append(Started(settings=info.settings))
        return Maker(run)

    return make


@pytest.fixture
def whole_run(new_run: Callable[..., Maker]) -> Run:
    """Two tracks with drafts, a merge, a study and refinements each, failures, two ensembles, and an end."""
    maker = new_run()
    fill(maker)
    maker.run.close()
    return maker.run


def fill(maker: Maker) -> None:
    card = ModelCard(name="LightGBM", family="gradient boosting", why="tabular data", code=str(script()), source="catalogue:lightgbm")
    maker.run.append(Retrieved(cards=((card,), (card,))))
    make = maker.candidate
    best = []
    for track, offset in ((1, 0.0), (2, 0.012)):
        first = make(Operator.DRAFT, "LightGBM", 0.402 + offset, track=track, plan="Gradient boosting on hour, month and temperature.")
        forest = make(
            Operator.DRAFT,
            "Random forest",
            0.447 + offset,
            track=track,
            solution=script(model="from sklearn.ensemble import RandomForestRegressor"),
        )
        broken = make(
            Operator.DRAFT,
            "Linear model",
            None,
            track=track,
            status=Status.CRASHED,
            error="Traceback (most recent call last):\n  File \"solution.py\", line 9\nKeyError: 'tempp'",
        )
        make(Operator.DEBUG, "Linear model, repaired", 0.81 + offset, track=track, parents=(broken,), plan="The column is called temp.")
        merged = make(
            Operator.MERGE,
            "LightGBM + random forest",
            0.391 + offset,
            track=track,
            parents=(first, forest),
            plan="Average of the two models.",
            solution=script(blend="# the mean of both\nprediction = (first + second) / 2"),
        )
        study = maker.study(
            track,
            merged,
            0.391 + offset,
            {
                "features": ("without hour and month", 0.573 + offset, 0.021),
                "model": ("100 trees instead of 200", 0.3985 + offset, 0.004),
                "blend": ("LightGBM alone", 0.387 + offset, 0.003),
            },
            target="features",
            plan="Add the day of the week and whether the day is a working day.",
            summary="The calendar features carry nearly all of the score. Averaging does not help.",
        )
        week = make(
            Operator.REFINE,
            "day of the week",
            0.334 + offset,
            track=track,
            parents=(merged,),
            plan=study.plan,
            block="features",
            step=1,
            solution=script(features=BASE["features"] + '\n    part["weekday"] = moment.dt.dayofweek'),
        )
        make(
            Operator.REFINE,
            "target encoding",
            None,
            track=track,
            parents=(merged,),
            plan="Encode the hour by its mean count.",
            block="features",
            step=1,
            status=Status.TIMED_OUT,
            error="stopped after 600 s",
        )
        best.append(week)
    make(Operator.ENSEMBLE, "mean of all", 0.331, track=0, parents=tuple(best), plan="Average the members.")
    blend = make(Operator.ENSEMBLE, "weighted mean", 0.3262, track=0, parents=tuple(best), plan="Weights by non-negative least squares.")
    (maker.run.candidate_folder(blend) / "weights.json").write_text('{"m1009": 0.62, "m2009": 0.38}')
    final = maker.run.folder / "final"
    final.mkdir(exist_ok=True)
    (final / "solution.py").write_text("# generated\nprint('standalone driver')\n")
    (final / "submission.csv").write_text("datetime,count\n1,2\n")
    maker.run.append(Finished(chosen=blend, score=0.3262, first_score=0.402, grade=0.4011, reason="search complete"))
