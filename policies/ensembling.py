"""The ensembling phase, the same for every policy: R proposals over the best members of all tracks (the paper's algorithm 3)."""

from dataclasses import dataclass
from random import Random

from journal import Action, Node, Operator, Settings, Tree
from policies.protocol import Budget, stop

MEMBERS = 8
DRAFTS_AMONG_THEM = 4


@dataclass(frozen=True)
class Ensembling:
    """A policy over the whole tree: rounds of proposals over one set of members. More time later means new members and new rounds."""

    settings: Settings

    def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:  # noqa: ARG002 - draws no lots
        if budget.spent:
            return stop("budget")
        members = choose_members(tree)
        if len(members) < 2:
            return stop("fewer than two members")
        parents = tuple(member.number for member in members)
        rounds = [action for action in tree.actions if action.operator is Operator.ENSEMBLE and action.parents == parents]
        used_up = bool(rounds) and not tree.of(rounds[-1])
        if len(rounds) == self.settings.ensemble_rounds or used_up:
            return stop("search complete")
        return (Action(operator=Operator.ENSEMBLE, parents=parents, attempt=len(rounds) + 1),)


def choose_members(tree: Tree) -> tuple[Node, ...]:
    """At most MEMBERS valid candidates: each track's best, the best drafts (they differ most), then the rest by score.

    No two of them have the same scores on all folds: they would be the same predictions, such as those of a block that does nothing.
    """
    singles = [node for node in tree.nodes if node.valid and node.candidate.operator is not Operator.ENSEMBLE]
    ranked = sorted(singles, key=lambda node: (-1.0 if tree.greater_is_better else 1.0) * (node.score or 0.0))
    tracks = sorted({node.candidate.track for node in singles})
    champions = [next(node for node in ranked if node.candidate.track == track) for track in tracks]
    drafts = [node for node in ranked if node.candidate.operator is Operator.DRAFT][:DRAFTS_AMONG_THEM]
    distinct: dict[tuple[float | None, ...], Node] = {}
    for node in (*champions, *drafts, *ranked):
        distinct.setdefault(tuple(fold.score for fold in node.evaluation.folds) if node.evaluation else (), node)
    return tuple(list(distinct.values())[:MEMBERS])
