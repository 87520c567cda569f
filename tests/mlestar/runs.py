"""A small real run: two tracks, a study, a failure, an ensemble; written through the journal as a search would."""

from collections.abc import Sequence
from pathlib import Path

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

SCRIPT = Solution.parse("# %% load\nrows = 3\n\n# %% features\nrows += 1\n")
HOSTILE = "a \x1b[31mred\x1b[0m [bold]title[/bold]\nof two lines"


def begin(root: Path, run_id: str = "20260101-120000-aaaa", competition: str = "toy", settings: Settings | None = None) -> Run:
    """A run folder that is open for writing, with its first record."""
    settings = settings or Settings(evaluations=20)
    info = RunInfo(
        id=run_id,
        competition=competition,
        competition_path=competition,
        metric="rmse",
        greater_is_better=False,
        target="y",
        settings=settings,
        engineer="recipes",
        isolation="local",
        folds=2,
        validation="plain",
    )
    run = Run.create(root / competition / run_id, info)
    run.open_for_writing()
    run.append(Started(settings=settings))
    return run


def evaluate(run: Run, action: Action, number: int, score: float | None, title: str, error: str = "", parents: Sequence[int] = ()) -> None:
    """Everything that is recorded of one candidate."""
    run.append(Decided(actions=(action,)))
    made = Candidate(
        number=number, action=action.id, track=action.track, operator=action.operator, parents=tuple(parents), title=title, digest="0"
    )
    run.write_solution(made, SCRIPT)
    run.append(Proposed(action=action.id, candidates=(made,)))
    status = Status.CRASHED if score is None else Status.OK
    results = tuple(FoldResult(fold=fold, status=status, score=score, seconds=0.5, error=error) for fold in range(2))
    for result in results:
        run.append(Executed(candidate=number, fidelity="search", result=result))
    run.append(Evaluated(candidate=number, evaluation=Evaluation(fidelity="search", folds=results, status=status, score=score)))


def search(run: Run) -> None:
    """The steps of a short search; the best is candidate 1 with 1.6."""
    card = ModelCard(name="LightGBM", family="boosting", why="tables", code="pass", source="catalogue:lightgbm")
    run.append(Retrieved(cards=((card,), (card,))))
    evaluate(run, Action(id="1.0001", track=1, operator=Operator.DRAFT, card=0), 1001, 2.0, "LightGBM")
    evaluate(run, Action(id="2.0001", track=2, operator=Operator.DRAFT, card=0), 2001, None, HOSTILE, "ValueError: no\nsuch column")
    ablate = Action(id="1.0002", track=1, operator=Operator.ABLATE, parents=(1001,), step=1)
    evaluate(run, ablate, 1002, 2.5, "without features", parents=(1001,))
    row = AblationRow(
        block="features", title="without features", candidate=1002, status=Status.OK, score=2.5, delta=0.5, standard_error=0.1, share=1.0
    )
    target = Action(id="1.0003", track=1, operator=Operator.TARGET, parents=(1001,), step=1)
    run.append(Decided(actions=(target,)))
    run.append(
        Studied(
            study=Study(number=1, action="1.0003", track=1, step=1, base=1001, base_score=2.0, rows=(row,), target="features", plan="More.")
        )
    )
    refine = Action(id="1.0004", track=1, operator=Operator.REFINE, parents=(1001,), step=1, attempt=1)
    evaluate(run, refine, 1003, 1.8, "LightGBM: ratios", parents=(1001,))
    evaluate(run, Action(id="0.0001", track=0, operator=Operator.ENSEMBLE, attempt=1), 1, 1.6, "mean", parents=(1001, 1003))


def end(run: Run) -> None:
    """A finished run, with its submission."""
    (run.folder / "final").mkdir(exist_ok=True)
    (run.folder / "final" / "submission.csv").write_text("id,y\n1,2\n")
    run.append(Finished(chosen=1, score=1.6, first_score=2.0, grade=1.7, reason="search complete"))
    run.close()


def finished_run(root: Path, run_id: str = "20260101-120000-aaaa", competition: str = "toy") -> Run:
    """All of it."""
    run = begin(root, run_id, competition)
    search(run)
    end(run)
    return run
