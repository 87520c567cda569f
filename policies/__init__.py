"""Search policies: pure functions from the tree so far and the budget left to the next actions."""

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
from policies.registry import PolicyError, make_policy, policy_names, policy_parameters, register

__all__ = [
    "AIRA",
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
    "PolicyError",
    "RandomSearch",
    "choose_members",
    "debug_chain",
    "fill",
    "make_policy",
    "policy_names",
    "policy_parameters",
    "register",
    "repaired",
    "stop",
]
