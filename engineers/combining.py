"""Proposals of ensembles: which strategy, over which members, comes next."""

from collections.abc import Sequence

import pandas as pd

from competitions.brief import Brief
from engineers.protocol import Attempt, Member, Proposal
from ensembles import STRATEGIES, Strategy, render_strategy

TOO_ALIKE = 0.985
"""Correlation from which a member adds little to one that is in already."""
FEW = 4
"""Members of a pruned ensemble at most."""


def next_ensemble(brief: Brief, members: Sequence[Member], correlations: pd.DataFrame, attempts: Sequence[Attempt]) -> Proposal | None:
    """Every third proposal repeats the best strategy so far on few, different members; the others go through the strategies in order."""
    if len(members) < 2:
        return None
    fitting = [strategy for strategy in STRATEGIES if strategy.fits(brief)]
    chosen = few_and_different(brief, members, correlations)
    everybody = [(strategy, tuple(members)) for strategy in fitting]
    pruned = [(strategy, chosen) for strategy in _best_first(brief, fitting, attempts)] if 1 < len(chosen) < len(members) else []
    order = pruned + everybody if len(attempts) % 3 == 2 else everybody + pruned
    tried = {attempt.plan for attempt in attempts}
    for strategy, group in order:
        plan = _plan(strategy, group, len(members))
        if plan not in tried:
            return Proposal(strategy.name, plan, render_strategy(strategy, brief, [member.prefix for member in group]))
    return None


def few_and_different(brief: Brief, members: Sequence[Member], correlations: pd.DataFrame) -> tuple[Member, ...]:
    """The best members of which no two are too alike, in the order of their scores."""
    chosen: list[Member] = []
    for member in sorted(members, key=lambda one: -one.score if brief.greater_is_better else one.score):
        alike = [float(correlations.loc[[member.number], [other.number]].to_numpy(dtype=float).item()) for other in chosen]
        if len(chosen) < FEW and all(value < TOO_ALIKE for value in alike):
            chosen.append(member)
    return tuple(chosen)


def _best_first(brief: Brief, strategies: Sequence[Strategy], attempts: Sequence[Attempt]) -> list[Strategy]:
    """The strategies by their best score so far, those without one last."""

    def loss(strategy: Strategy) -> float:
        scores = [attempt.score for attempt in attempts if attempt.score is not None and attempt.plan.startswith(strategy.plan)]
        return min((-score if brief.greater_is_better else score for score in scores), default=float("inf"))

    return sorted(strategies, key=loss)


def _plan(strategy: Strategy, group: Sequence[Member], total: int) -> str:
    if len(group) == total:
        return strategy.plan
    names = ", ".join(f"{member.title} ({member.prefix})" for member in group)
    return f"{strategy.plan} Only the best members that differ from each other take part: {names}."
