"""The ensembles of a run: proposals, weights, members, and how alike the members are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from competitions import Competition
from ensembles import MemberPredictions, correlations
from evaluation import PREDICTIONS, execution_name, load_predictions
from journal import Node, Operator, Run, Tree
from reports.summary import gain

MOST_MEMBERS = 12
"""In the table of correlations."""


@dataclass(frozen=True)
class Ensemble:
    """One ensemble proposal."""

    node: Node
    gain: float | None
    """Over the best single candidate, in the metric's units."""
    weights: tuple[tuple[str, float], ...]


def best_single(tree: Tree) -> Node | None:
    """The best candidate that is no ensemble: what an ensemble has to beat."""
    return tree.best(node for node in tree.nodes if node.candidate.operator is not Operator.ENSEMBLE)


def members(tree: Tree) -> list[Node]:
    """Every candidate that an ensemble was made of, best first."""
    numbers = {number for node in tree.made_by(Operator.ENSEMBLE) for number in node.candidate.parents}
    found = [node for node in tree.nodes if node.number in numbers]
    return sorted(found, key=lambda node: (node.score is None, (-1 if tree.greater_is_better else 1) * (node.score or 0.0)))


def ensembles(run: Run, tree: Tree, single: Node | None) -> list[Ensemble]:
    """Every proposal with its gain and weights, in the order of the rounds."""
    return [
        Ensemble(node, gain(tree, node.score, single.score) if single else None, _weights(run, node.number))
        for node in tree.made_by(Operator.ENSEMBLE)
    ]


def member_correlations(run: Run, nodes: Sequence[Node], competition: Competition | None) -> pd.DataFrame | None:
    """Members × members, indexed by number: correlation of their out-of-fold predictions; none: fewer than two, or files are gone."""
    nodes = [node for node in nodes if node.valid][:MOST_MEMBERS]
    if competition is None or len(nodes) < 2:
        return None
    try:
        return correlations([_predictions(run, node) for node in nodes], competition)
    except (OSError, ValueError, KeyError):  # files of a member are gone, or those of the competition have changed since
        return None


def _predictions(run: Run, node: Node) -> MemberPredictions:
    evaluation = node.evaluation
    folds = [result.fold for result in evaluation.folds if result.fold is not None] if evaluation else []
    name = evaluation.fidelity if evaluation else "search"
    folder = run.candidate_folder(node.number)
    return MemberPredictions(node.number, [load_predictions(folder / execution_name(name, fold) / PREDICTIONS) for fold in folds])


def _weights(run: Run, number: int) -> tuple[tuple[str, float], ...]:
    """What the ensemble's script wrote as weights.json, largest first; a script may write anything, so anything else is passed over."""
    try:
        content = json.loads((run.candidate_folder(number) / "weights.json").read_bytes()[:65_536])
    except (OSError, ValueError):
        return ()
    if not isinstance(content, dict):
        return ()
    numbers = {str(name): float(weight) for name, weight in content.items() if isinstance(weight, int | float)}
    return tuple(sorted(numbers.items(), key=lambda pair: -abs(pair[1])))
