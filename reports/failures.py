"""What went wrong in a run: failures by kind, what was repaired and how, and the limits that were hit."""

import re
from dataclasses import dataclass

from journal import Executed, Node, Operator, Run, Status, Tree
from reports import text

_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning))\b")


@dataclass(frozen=True)
class Failure:
    """Candidates that failed in the same way."""

    kind: str
    status: Status
    numbers: tuple[int, ...]
    repaired: int
    """How many of them have a repair that ran."""
    example: str


@dataclass(frozen=True)
class Repair:
    """One attempt of the debugger."""

    broken: int
    node: Node

    @property
    def plan(self) -> str:
        return self.node.candidate.plan or self.node.candidate.title


def failures(tree: Tree) -> list[Failure]:
    """Failed candidates by kind, the most frequent first."""
    repaired = {each.broken for each in repairs(tree) if each.node.valid}
    kinds: dict[tuple[Status, str], list[Node]] = {}
    for node in tree.nodes:
        if node.failed and node.evaluation is not None:
            kinds.setdefault((node.evaluation.status, _kind(node.evaluation.error)), []).append(node)
    found = [
        Failure(
            kind=kind or status.replace("_", " "),
            status=status,
            numbers=tuple(node.number for node in nodes),
            repaired=sum(node.number in repaired for node in nodes),
            example=_last_line(nodes[0].evaluation.error if nodes[0].evaluation else ""),
        )
        for (status, kind), nodes in kinds.items()
    ]
    return sorted(found, key=lambda failure: -len(failure.numbers))


def repairs(tree: Tree) -> list[Repair]:
    """Every repair that was tried, in the order of the search."""
    return [Repair(parent, node) for node in tree.made_by(Operator.DEBUG) for parent in node.candidate.parents[:1]]


def caps(run: Run) -> list[str]:
    """The limits that were hit, a sentence each."""
    settings, found = run.settings, []
    statuses = [entry.result.status for entry in run.entries(Executed)]
    for status, limit in (
        (Status.TIMED_OUT, f"was stopped at the time limit of {text.duration(settings.script_seconds)}"),
        (Status.OUT_OF_MEMORY, f"was stopped at the memory limit of {text.memory(settings.script_memory)}"),
    ):
        if count := statuses.count(status):
            found.append(f"{text.plural(count, 'execution')} {limit if count == 1 else limit.replace('was', 'were', 1)}.")
    evaluated = sum(node.evaluation is not None for node in run.tree().nodes)
    if settings.evaluations and evaluated >= settings.evaluations:
        found.append(f"All {settings.evaluations:,} evaluations of the budget were used.")
    reason = run.finished.reason if run.finished else ""
    if settings.seconds and "time" in reason.lower():
        found.append(f"The run ended at its time limit of {text.duration(settings.seconds)}.")
    return found


def _last_line(error: str) -> str:
    return next((line.strip() for line in reversed(error.splitlines()) if line.strip()), "")


def _kind(error: str) -> str:
    """The exception's name at the start of the last line, if there is one."""
    match = _EXCEPTION.match(_last_line(error))
    return match[1] if match else ""
