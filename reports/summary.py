"""The answer of a run in a few numbers: what came out, how much it gained, why it ended. All derived from the journal."""

from typing import Literal

from pydantic import Field

from journal import Evaluated, Executed, Record, Run, Tree
from reports import text
from reports.folds import score_error
from reports.spending import RoleSpending, spending

State = Literal["finished", "no_solution", "running", "waiting", "interrupted"]


class Summary(Record):
    """A run at a glance. Scores are of the validation, in the metric's own units; a gain is positive where the score got better."""

    state: State
    sentence: str = Field(description="the state in words")
    chosen: int | None = Field(
        description="number of the candidate that is the answer; unfinished: the best so far; none: no valid one yet"
    )
    title: str
    operator: str
    score: float | None
    standard_error: float | None = Field(description="of the score, over its folds; none: fewer than two folds")
    first_score: float | None = Field(description="of the first valid solution")
    gain: float | None = Field(description="from first_score to score")
    gain_share: float | None = Field(description="gain / |first_score|")
    grade: float | None
    reason: str
    seconds: float = Field(description="wall-clock in which a process worked on the run")
    candidates: int
    valid: int
    failed: int
    unfinished: int
    executions: int = Field(description="scripts run on a view")
    stored: int = Field(description="of these, taken from the store")
    studies: int
    calls: int = Field(description="of the language model")
    tokens: int
    cost: float | None = Field(description="US dollars; none: a call has no known price")
    roles: tuple[RoleSpending, ...] = Field(description="the same by role: who was asked, how often, what it took")


def summarise(run: Run) -> Summary:
    """Sum up a run in whatever state it is; reads the journal only."""
    tree, finished, state = run.tree(), run.finished, state_of(run)
    if finished is not None:
        chosen, score, first = finished.chosen, finished.score, finished.first_score
    else:
        best = tree.best(tree.nodes)
        chosen, score = (best.number, best.score) if best else (None, None)
        first = tree.first.score if tree.first else None
    node = next((node for node in tree.nodes if node.number == chosen), None)
    gained = gain(tree, score, first)
    executed = list(run.entries(Executed))
    return Summary(
        state=state,
        sentence=_sentence(run, state),
        chosen=chosen,
        title=node.candidate.title if node else "",
        operator=node.candidate.operator if node else "",
        score=score,
        standard_error=score_error(node),
        first_score=first,
        gain=gained,
        gain_share=gained / abs(first) if gained is not None and first else None,
        grade=finished.grade if finished else None,
        reason=finished.reason if finished else "",
        seconds=run.seconds_used(),
        candidates=len(tree.nodes),
        valid=sum(node.valid for node in tree.nodes),
        failed=sum(node.failed for node in tree.nodes),
        unfinished=sum(node.evaluation is None for node in tree.nodes),
        executions=len(executed),
        stored=sum(entry.result.stored for entry in executed),
        studies=len(tree.studies),
        **dict(spending(run)),
    )


def state_of(run: Run) -> State:
    """Finished, with or without a solution; else running where a process holds the journal, else waiting for a person, else interrupted."""
    if run.finished is not None:
        return "finished" if run.finished.chosen is not None else "no_solution"
    if run.held:
        return "running"
    return "waiting" if run.questions else "interrupted"


def gain(tree: Tree, score: float | None, base: float | None) -> float | None:
    """By how much a score is better than a base, in the metric's units; negative: worse."""
    if score is None or base is None:
        return None
    return score - base if tree.greater_is_better else base - score


def evaluation_times(run: Run) -> dict[int, float]:
    """When each candidate was first evaluated: seconds of work on the run, in the order in which the evaluations ended."""
    times: dict[int, float] = {}
    used, previous = 0.0, None
    for line in run.lines:
        used += line.worked(previous)
        previous = line.time
        if isinstance(line.entry, Evaluated):
            times.setdefault(line.entry.candidate, used)
    return times


def _sentence(run: Run, state: State) -> str:
    finished, reason = run.finished, ""
    if finished is not None and finished.reason:
        reason = f": {text.one_line(finished.reason, 300)}"
    match state:
        case "finished":
            return f"The run ended{reason}."
        case "no_solution":
            return f"The run ended without a valid solution{reason}."
        case "running":
            return "The run is still going on; this is what it has found so far."
        case "waiting":
            return "The run waits for a person; this is what it has found so far. `mlestar approve` answers it."
        case "interrupted":
            return "The run was interrupted before its end; this is what it had found. It can be taken up again where it stopped."
