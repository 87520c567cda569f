"""The operators: one file each; `operator_node` makes a graph node of what one proposes."""

from journal import Operator
from nodes.operators.ablate import ablate
from nodes.operators.commit import TRACK_NUMBERS, Propose, candidate_number, operator_node
from nodes.operators.crossover import crossover
from nodes.operators.debug import debug
from nodes.operators.draft import draft
from nodes.operators.ensemble import ensemble
from nodes.operators.improve import improve
from nodes.operators.merge import merge
from nodes.operators.refine import refine

PROPOSERS: dict[Operator, Propose] = {
    Operator.DRAFT: draft,
    Operator.MERGE: merge,
    Operator.DEBUG: debug,
    Operator.ABLATE: ablate,
    Operator.REFINE: refine,
    Operator.IMPROVE: improve,
    Operator.CROSSOVER: crossover,
}
"""What a track's operators propose. `ensemble` has a loop of its own."""

__all__ = ["PROPOSERS", "TRACK_NUMBERS", "Propose", "candidate_number", "ensemble", "operator_node"]
