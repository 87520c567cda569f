"""Search policies: pure functions from the tree so far and the budget left to the next actions."""

from collections.abc import Callable

from journal import Settings
from policies.debugging import debug_chain, repaired
from policies.ensembling import Ensembling, choose_members
from policies.mle_star import MleStar
from policies.protocol import Budget, Policy, stop

POLICIES: dict[str, Callable[[Settings], Policy]] = {"mle-star": MleStar}
"""By the name that `--policy` takes."""

__all__ = ["POLICIES", "Budget", "Ensembling", "MleStar", "Policy", "choose_members", "debug_chain", "repaired", "stop"]
