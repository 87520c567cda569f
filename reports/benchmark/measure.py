"""What is read off each run of a benchmark: its grade, its validation score, what it took, and what an oracle would have chosen."""

from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from competitions import Competition, CompetitionError, Grade, average_predictions, grade_submission, load_competition, write_submission
from evaluation import PREDICTIONS, execution_name, load_predictions
from journal import Node, Record, Run
from reports.benchmark.cells import Bench, Cell, cell_run
from reports.benchmark.grades import rank_share
from reports.summary import State, evaluation_times, summarise

SUBMISSION = Path("final") / "submission.csv"
ORACLE = Path("bench") / "oracle.csv"
GRADES = Path("bench") / "grades.json"


class Measured(Record):
    """One run. Scores are in the metric's own units; `state` is 'not begun' where there is no run."""

    competition: str
    policy: str
    engineer: str
    budget: str
    seed: int
    run_id: str
    state: State | str
    metric: str = ""
    greater_is_better: bool = True
    valid: bool = Field(False, description="there is a submission that the grader accepts; without answers: that there is one")
    validation: float | None = Field(None, description="score of the chosen solution on held-out rows")
    test: float | None = Field(None, description="score on the private answers")
    medal: str = ""
    rank_share: float | None = Field(None, description="see rank_share; none: no leaderboard")
    gap: float | None = Field(None, description="by how much the validation flattered: positive, the test score is worse")
    oracle: float | None = Field(None, description="the best test score of any valid candidate of the run, the answer included")
    oracle_gain: float | None = Field(None, description="what choosing it would have added, >= 0")
    seconds: float = 0.0
    script_seconds: float = Field(0.0, description="of all executions")
    first_valid_seconds: float | None = Field(None, description="until there was a valid submission")
    candidates: int = 0
    executions: int = 0
    failed: int = 0
    tokens: int = 0
    cost: float | None = 0.0

    @property
    def contender(self) -> tuple[str, str, str]:
        return self.policy, self.engineer, self.budget


class Measurement(Record):
    """A run's numbers, and the grade with MLE-bench's fields; none: no answers, or no finished run."""

    measured: Measured
    grade: Grade | None


def measure_bench(out: Path, bench: Bench, notify: Callable[[str], None] = lambda _: None) -> list[Measurement]:
    """Every cell, in the suite's order. Grades of candidates are kept with the run, so that a second report costs little."""
    competitions: dict[str, Competition | None] = {}
    found = []
    for cell in bench.cells:
        if cell.folder not in competitions:
            competitions[cell.folder] = _load(cell.folder)
            if competitions[cell.folder] is None:
                notify(f"{cell.folder}: the competition cannot be read any more; its runs have no grades")
        found.append(measure_cell(out, cell, competitions[cell.folder]))
    return found


def measure_cell(out: Path, cell: Cell, competition: Competition | None) -> Measurement:
    """One cell; whatever is not there is none."""
    names = cell.model_dump(include={"competition", "policy", "engineer", "budget", "seed"})
    run = cell_run(out, cell)
    if run is None:
        return Measurement(measured=Measured(**names, run_id=cell.run_id, state="not begun"), grade=None)
    summary, times = summarise(run), evaluation_times(run)
    valid = [node for node in run.tree().nodes if node.valid]
    graded = _grade(run, competition)
    test = graded.score if graded else summary.grade
    best = _oracle(run, competition, valid, test) if graded else None
    sign = 1.0 if run.info.greater_is_better else -1.0
    measured = Measured(
        **names,
        run_id=cell.run_id,
        state=summary.state,
        metric=run.info.metric,
        greater_is_better=run.info.greater_is_better,
        valid=graded.valid_submission if graded else run.finished is not None and (run.folder / SUBMISSION).is_file(),
        validation=summary.score,
        test=test,
        medal=_medal(graded),
        rank_share=rank_share(competition, test) if graded and competition else None,
        gap=sign * (summary.score - test) if summary.score is not None and test is not None else None,
        oracle=best,
        oracle_gain=sign * (best - test) if best is not None and test is not None else None,
        seconds=summary.seconds,
        script_seconds=sum(node.evaluation.seconds for node in run.tree().nodes if node.evaluation),
        first_valid_seconds=min((times[node.number] for node in valid if node.number in times), default=None),
        candidates=summary.candidates,
        executions=summary.executions,
        failed=summary.failed,
        tokens=summary.tokens,
        cost=summary.cost,
    )
    return Measurement(measured=measured, grade=graded)


def _load(folder: str) -> Competition | None:
    try:
        return load_competition(Path(folder))
    except (CompetitionError, OSError):
        return None


def _grade(run: Run, competition: Competition | None) -> Grade | None:
    """Of a finished run's submission, valid or not."""
    if competition is None or competition.answers is None or run.finished is None:
        return None
    return grade_submission(competition, run.folder / SUBMISSION)


def _medal(graded: Grade | None) -> str:
    return next((medal for medal in ("gold", "silver", "bronze") if graded and getattr(graded, f"{medal}_medal")), "")


def _oracle(run: Run, competition: Competition | None, valid: list[Node], test: float | None) -> float | None:
    """The best test score among the candidates' fold models averaged and the answer itself."""
    if competition is None:
        return test
    known = _known_grades(run)
    scores = [known.get(node.number) if node.number in known else _candidate_score(run, competition, node) for node in valid]
    _keep_grades(run, {node.number: score for node, score in zip(valid, scores, strict=True)})
    graded = [score for score in (*scores, test) if score is not None]
    return (max if run.info.greater_is_better else min)(graded, default=None)


def _candidate_score(run: Run, competition: Competition, node: Node) -> float | None:
    """Ensembles stand on their members' predictions of the same rows; where folds do not predict the test rows there is no score."""
    folds = [fold.fold for fold in node.evaluation.folds] if node.evaluation else []
    paths = [run.candidate_folder(node.number) / execution_name("search", fold) / PREDICTIONS for fold in folds]
    if not all(path.is_file() for path in paths):
        return None
    frames = [load_predictions(path).test for path in paths]
    if not frames or any(frame.empty for frame in frames):
        return None
    path = run.folder / ORACLE
    path.parent.mkdir(exist_ok=True)
    try:
        return grade_submission(competition, write_submission(competition, average_predictions(competition, frames), path)).score
    except ValueError:  # rows are missing
        return None
    finally:
        path.unlink(missing_ok=True)


class _Grades(Record):
    scores: dict[int, float | None]


def _known_grades(run: Run) -> dict[int, float | None]:
    path = run.folder / GRADES
    try:
        return _Grades.model_validate_json(path.read_bytes()).scores
    except (OSError, ValueError):
        return {}


def _keep_grades(run: Run, scores: dict[int, float | None]) -> None:
    path = run.folder / GRADES
    path.parent.mkdir(exist_ok=True)
    path.write_text(_Grades(scores=scores).model_dump_json())
