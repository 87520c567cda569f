"""Search policies: pure functions from the tree so far and the budget left to the next actions."""

from collections.abc import Callable

from journal import Settings
from policies.batch import Batch, Parameters, fill
from policies.debugging import debug_chain, repaired
from policies.ensembling import Ensembling, choose_members
from policies.evolutionary import Evolutionary, EvolutionaryParameters
from policies.flat import Flat, FlatParameters
from policies.greedy import AIRA, Greedy, GreedyParameters
from policies.mcts import Mcts, MctsParameters
from policies.mle_star import MleStar, MleStarParameters
from policies.protocol import Budget, Policy, stop
from policies.random_search import RandomSearch

POLICIES: dict[str, Callable[[Settings], Policy]] = {
    "mle-star": MleStar,
    "mle-star-no-merge": lambda settings: MleStar(settings, MleStarParameters(merge=False)),
    "greedy": Greedy,
    "greedy-aira": lambda settings: Greedy(settings, AIRA),
    "mcts": Mcts,
    "evolutionary": Evolutionary,
    "flat": Flat,
    "random": RandomSearch,
}
"""By the name that `--policy` takes."""

__all__ = [
    "AIRA",
    "POLICIES",
    "Batch",
    "Budget",
    "Ensembling",
    "Evolutionary",
    "EvolutionaryParameters",
    "Flat",
    "FlatParameters",
    "Greedy",
    "GreedyParameters",
    "Mcts",
    "MctsParameters",
    "MleStar",
    "MleStarParameters",
    "Parameters",
    "Policy",
    "RandomSearch",
    "choose_members",
    "debug_chain",
    "fill",
    "repaired",
    "stop",
]
