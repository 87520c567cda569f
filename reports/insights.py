"""What a run taught: which blocks matter over all studies, which plans paid, which kinds of steps did, and the way to the answer."""

from collections.abc import Iterable

from pydantic import Field

from journal import Node, Operator, Record, Run, Tree
from reports.ablation import AblationReport, ablation_report
from reports.folds import paired
from reports.summary import gain

PLANNED = (Operator.MERGE, Operator.REFINE, Operator.IMPROVE, Operator.CROSSOVER, Operator.ENSEMBLE)
"""Steps that are meant to be better than what they were made from."""


class BlockEffect(Record):
    """One block over all studies of a run, which may have taken different solutions apart."""

    block: str
    studies: int = Field(description="in which it has a measured variant")
    delta: float = Field(description="the largest in size: how much worse the score gets, in the metric's units; negative: better")
    standard_error: float | None
    study: int = Field(description="where that was measured")
    candidate: int = Field(description="the variant")
    attempts: int = Field(description="refinements of it, repairs included")
    gained: float | None = Field(description="best gain of these over the study's base; none: not refined, or none has a score")


class PlanOutcome(Record):
    """One step that was meant to be better than what it was made from."""

    candidate: int
    operator: str
    title: str
    block: str | None
    plan: str
    score: float | None
    gain: float | None = Field(description="over its best parent, in the metric's units; none: one of the two has no score")
    standard_error: float | None = Field(description="of the gain, paired by fold")


class OperatorOutcome(Record):
    """What one kind of step came to."""

    operator: str
    tried: int
    valid: int
    better: int = Field(description="strictly better than their best parent")
    best_gain: float | None
    seconds: float = Field(description="script time, all of them")


def block_effects(run: Run) -> tuple[BlockEffect, ...]:
    """Every block with a measured effect other than zero, the largest first."""
    reports = [ablation_report(run, study) for study in run.tree().studies]
    found: dict[str, list[tuple[AblationReport, int]]] = {}
    for report in reports:
        for position, row in enumerate(report.rows):
            if row.delta:
                found.setdefault(row.block, []).append((report, position))
    effects = [_effect(block, places, reports) for block, places in found.items()]
    return tuple(sorted(effects, key=lambda effect: -abs(effect.delta)))


def _effect(block: str, places: list[tuple[AblationReport, int]], reports: list[AblationReport]) -> BlockEffect:
    report, position = max(places, key=lambda place: abs(place[0].rows[place[1]].delta or 0.0))
    row = report.rows[position]
    aimed = [each for each in reports if each.target == block]
    return BlockEffect(
        block=block,
        studies=len({each.study for each, _ in places}),
        delta=row.delta or 0.0,
        standard_error=row.standard_error,
        study=report.study,
        candidate=row.candidate,
        attempts=sum(len(each.trials) for each in aimed),
        gained=max((each.gained for each in aimed if each.gained is not None), default=None),
    )


def plan_outcomes(run: Run) -> tuple[PlanOutcome, ...]:
    """Every planned step, by its gain, the best first; those without a gain last."""
    tree = run.tree()
    outcomes = [_outcome(tree, node) for node in tree.made_by(*PLANNED)]
    return tuple(sorted(outcomes, key=lambda each: (each.gain is None, -(each.gain or 0.0), each.candidate)))


def _outcome(tree: Tree, node: Node) -> PlanOutcome:
    candidate = node.candidate
    parent = best_parent(tree, node)
    return PlanOutcome(
        candidate=node.number,
        operator=str(candidate.operator),
        title=candidate.title,
        block=candidate.block,
        plan=candidate.plan,
        score=node.score,
        gain=gain(tree, node.score, parent.score) if parent else None,
        standard_error=paired(node, parent, tree.greater_is_better).standard_error if parent else None,
    )


def operator_outcomes(run: Run) -> tuple[OperatorOutcome, ...]:
    """The kinds of steps of a run, in the order in which the algorithm has them."""
    tree = run.tree()
    found = ((operator, tree.made_by(operator)) for operator in Operator)
    return tuple(_kind(tree, operator, nodes) for operator, nodes in found if nodes)


def _kind(tree: Tree, operator: Operator, nodes: Iterable[Node]) -> OperatorOutcome:
    nodes = list(nodes)
    pairs = [(node, best_parent(tree, node)) for node in nodes]
    gains = [gain(tree, node.score, parent.score) for node, parent in pairs if parent]
    measured = [each for each in gains if each is not None]
    return OperatorOutcome(
        operator=str(operator),
        tried=len(nodes),
        valid=sum(node.valid for node in nodes),
        better=sum(each > 0 for each in measured),
        best_gain=max(measured, default=None),
        seconds=sum(node.evaluation.seconds for node in nodes if node.evaluation),
    )


def best_parent(tree: Tree, node: Node) -> Node | None:
    """The best valid candidate that it was made from."""
    return tree.best(other for other in tree.nodes if other.number in node.candidate.parents)


def best_path(tree: Tree, chosen: int | None) -> tuple[Node, ...]:
    """How the answer came about: from a first draft on, at each step the candidate it was made from; of several members the best."""
    nodes = {node.number: node for node in tree.nodes}
    path: list[Node] = []
    node = nodes.get(chosen) if chosen is not None else None
    while node is not None and node not in path:
        path.append(node)
        parents = [nodes[number] for number in node.candidate.parents if number in nodes]
        first = parents[0] if parents else None
        node = best_parent(tree, node) if node.candidate.operator is Operator.ENSEMBLE else first
    return tuple(reversed(path))
