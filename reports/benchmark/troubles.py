"""Failure statistics over runs: kinds of errors, what repairs come to, what each operator yields, time to the first valid submission."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from pydantic import Field

from journal import Asked, Node, Operator, Record, Run
from reports.failures import failures, repairs
from reports.summary import evaluation_times, gain


class ErrorKind(Record):
    """Candidates that failed in the same way."""

    kind: str = Field(description="the exception, or how the execution ended")
    candidates: int
    runs: int
    repaired: int = Field(description="of these, the next repair ran")


class Repairs(Record):
    """What the debug operator came to."""

    attempts: int
    ran: int = Field(description="attempts whose candidate was valid, or was stopped early as too bad")
    broken: int = Field(description="candidates that failed and were no repairs themselves")
    mended: int = Field(description="of these, a chain of repairs ended with one that ran")


class Yield(Record):
    """What an operator brought. An improvement is a rise of the run's best validation score, as a share of its first valid score."""

    operator: str
    candidates: int
    valid: int
    improvements: int
    improvement: float = Field(description="sum of the rises, 1 = the first score")
    seconds: float = Field(description="script time")
    cost: float | None = Field(description="US dollars of the model calls that served it; none: a call has no known price")

    @property
    def per_hour(self) -> float | None:
        """Improvement per hour of script time."""
        return self.improvement / self.seconds * 3600 if self.seconds else None

    @property
    def per_dollar(self) -> float | None:
        return self.improvement / self.cost if self.cost else None


class Troubles(Record):
    """Of a set of runs."""

    runs: int
    errors: tuple[ErrorKind, ...]
    repairs: Repairs
    yields: tuple[Yield, ...]
    first_valid: tuple[float, ...] = Field(
        description="seconds to each run's first valid submission, the earliest first; those without one are left out"
    )

    @property
    def median_first_valid(self) -> float | None:
        return median(self.first_valid) if self.first_valid else None


def troubles(runs: Iterable[Run]) -> Troubles:
    """Over all of the runs; reads the journals only."""
    found = list(runs)
    firsts = [time for run in found if (time := first_valid_seconds(run)) is not None]
    return Troubles(
        runs=len(found), errors=_errors(found), repairs=_repairs(found), yields=_yields(found), first_valid=tuple(sorted(firsts))
    )


def first_valid_seconds(run: Run) -> float | None:
    """Of work on the run until its first valid candidate was measured, which is when a submission lies on disk; none: never."""
    times = evaluation_times(run)
    return min((times[node.number] for node in run.tree().nodes if node.valid and node.number in times), default=None)


def _errors(runs: list[Run]) -> tuple[ErrorKind, ...]:
    kinds: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for run in runs:
        for failure in failures(run.tree()):
            kinds[failure.kind].append((len(failure.numbers), failure.repaired))
    found = [
        ErrorKind(kind=kind, candidates=sum(count for count, _ in each), runs=len(each), repaired=sum(count for _, count in each))
        for kind, each in kinds.items()
    ]
    return tuple(sorted(found, key=lambda error: (-error.candidates, error.kind)))


def _repairs(runs: list[Run]) -> Repairs:
    attempts = ran = broken = mended = 0
    for run in runs:
        tree = run.tree()
        successors = {repair.broken: repair.node for repair in repairs(tree)}
        measured = [node for node in successors.values() if node.evaluation is not None]
        attempts += len(measured)
        ran += sum(not node.failed for node in measured)
        for node in tree.nodes:
            if node.failed and node.candidate.operator is not Operator.DEBUG:
                broken += 1
                mended += _is_mended(node, successors)
    return Repairs(attempts=attempts, ran=ran, broken=broken, mended=mended)


def _is_mended(node: Node, successors: dict[int, Node]) -> bool:
    while node.failed and node.number in successors:
        node = successors[node.number]
    return node.evaluation is not None and not node.failed


def _yields(runs: list[Run]) -> tuple[Yield, ...]:
    rises: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for operator, rise in improvements(run):
            rises[operator].append(rise)
    found = []
    for operator in Operator:
        made = [node for run in runs for node in run.tree().made_by(operator)]
        if not made:
            continue
        found.append(
            Yield(
                operator=operator.value,
                candidates=len(made),
                valid=sum(node.valid for node in made),
                improvements=len(rises[operator.value]),
                improvement=sum(rises[operator.value]),
                seconds=sum(node.evaluation.seconds for node in made if node.evaluation),
                cost=_cost(runs, operator),
            )
        )
    return tuple(found)


def improvements(run: Run) -> list[tuple[str, float]]:
    """(operator, rise of the best score as a share of the first one's size), in the order in which evaluations ended."""
    tree, times = run.tree(), evaluation_times(run)
    nodes = {node.number: node for node in tree.nodes}
    best = first = None
    found = []
    for number in times:
        score = nodes[number].score if number in nodes else None
        if score is None:
            continue
        if best is None or first is None:
            best = first = score
        elif tree.better(score, best):
            rise = gain(tree, score, best) or 0.0
            found.append((nodes[number].candidate.operator.value, rise / abs(first) if first else rise))
            best = score
    return found


def _cost(runs: list[Run], operator: Operator) -> float | None:
    total = 0.0
    for run in runs:
        actions = {action.id for action in run.tree().actions if action.operator is operator}
        for call in run.entries(Asked):
            if call.action in actions:
                if call.cost is None:
                    return None
                total += call.cost
    return total
