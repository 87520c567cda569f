"""Racing: which actions name an incumbent, so that what they make may be stopped early (evaluation/racing.py says when)."""

from journal import Action, Operator, Settings, Tree

RACED = frozenset({Operator.DRAFT, Operator.REFINE, Operator.IMPROVE})
"""Merges are compared with their base by the paper's rule, repairs continue what was raced before, ablation variants must be measured."""


def racing(settings: Settings, tree: Tree, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """The actions, those of RACED with the best candidate so far as their incumbent; unchanged while there is none, or with racing off.

    For policies that build on the best only: a tree search needs the whole score of worse candidates too.
    """
    best = tree.best(tree.nodes)
    if best is None or not settings.racing:
        return actions
    return tuple(action.model_copy(update={"incumbent": best.number}) if action.operator in RACED else action for action in actions)
