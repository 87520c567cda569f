"""MLE-STAR: draft and merge into a first solution, then ablate it and refine the block that matters, again and again (arXiv 2506.15692)."""

from dataclasses import dataclass, field
from random import Random

from pydantic import Field

from journal import Action, Node, Operator, Record, Settings, Tree
from policies.debugging import repaired, repairs
from policies.protocol import Budget, stop
from policies.racing import racing
from policies.registry import register

DRAFTS_SHARE, MERGES_SHARE = 0.4, 0.5
"""Of a track's time, within which drafts and merges are begun: a short run should not spend all of it on the first solution."""
REPAIRABLE = (Operator.DRAFT, Operator.MERGE, Operator.IMPROVE, Operator.REFINE)


class MleStarParameters(Record):
    """The paper's ablations of its own method. Those of whole phases are settings of the run: see docs/policies.md."""

    merge: bool = Field(True, description="false: the best draft is the first solution")
    ablation: bool = Field(True, description="false: no studies; each step refines a block that was drawn by lot")


@dataclass(frozen=True)
class MleStar:
    """The policy as a function, with the paper's parameters T, K and D from the settings (M is the number of cards dealt to the track)."""

    settings: Settings
    parameters: MleStarParameters = field(default_factory=MleStarParameters)

    def __call__(self, tree: Tree, budget: Budget, rng: Random) -> tuple[Action, ...]:
        """Algorithms 1 and 2 of the paper, read from the tree: the first stage that has something left to do, does it."""
        if budget.spent:
            return _conclude(tree) or stop("budget")
        actions = (
            self._drafts(tree, budget)
            or repairs(tree, REPAIRABLE, self.settings.debug_rounds)
            or self._merge(tree, budget)
            or _use_files(tree)
            or self._refinement(tree, rng)
        )
        return racing(self.settings, tree, budget.cut(actions))

    def _drafts(self, tree: Tree, budget: Budget) -> tuple[Action, ...]:
        """One draft a card that has none yet, a batch at a time; after their share of the time, what is valid must do."""
        drafted = {action.card for action in tree.actions if action.operator is Operator.DRAFT}
        left = [card for card in range(len(tree.cards[0]) if tree.cards else 0) if card not in drafted]
        if _late(tree, budget, DRAFTS_SHARE):
            return ()
        return tuple(Action(operator=Operator.DRAFT, card=card) for card in left[: self.settings.batch])

    def _merge(self, tree: Tree, budget: Budget) -> tuple[Action, ...]:
        """The next merge, if the time is not needed to refine what there is: the ensembling phase averages models, too."""
        if not self.parameters.merge or _late(tree, budget, MERGES_SHARE):
            return ()
        return _next_merge(tree, self.settings.debug_rounds)

    def _refinement(self, tree: Tree, rng: Random) -> tuple[Action, ...]:
        """T outer steps, each an ablation study, the choice of a target, and K attempts on it."""
        best = tree.best(tree.nodes)
        if best is None:
            return stop("no valid solution")
        for step in range(1, self.settings.outer_steps + 1):
            done = [action for action in tree.actions if action.step == step and action.operator is not Operator.DEBUG]
            if actions := self._outer_step(tree, step, done, best, rng):
                return actions
        return stop("search complete")

    def _outer_step(self, tree: Tree, step: int, done: list[Action], best: Node, rng: Random) -> tuple[Action, ...]:
        operators = [action.operator for action in done]
        if self.parameters.ablation and Operator.ABLATE not in operators:
            return (Action(operator=Operator.ABLATE, parents=(best.number,), step=step),)
        if Operator.TARGET not in operators:
            lot = None if self.parameters.ablation else rng.random()
            return (Action(operator=Operator.TARGET, parents=(best.number,), step=step, lot=lot),)
        study = next((study for study in tree.studies if study.step == step), None)
        if study is None or study.target is None:
            return stop("nothing left to refine")
        attempts = [action for action in done if action.operator is Operator.REFINE]
        used_up = bool(attempts) and not tree.of(attempts[-1])
        if len(attempts) == self.settings.inner_steps or used_up:
            return ()
        base = next(action for action in done if action.operator is Operator.TARGET).parents
        return (Action(operator=Operator.REFINE, parents=base, step=step, attempt=len(attempts) + 1),)


def _late(tree: Tree, budget: Budget, share: float) -> bool:
    """Whether this share of the time is used up, and there is something valid to go on with."""
    return budget.time_left < 1 - share and tree.best(tree.nodes) is not None


def _conclude(tree: Tree) -> tuple[Action, ...]:
    """A study whose variants are measured is concluded even when nothing is left to refine with: that costs no evaluation."""
    last = tree.actions[-1] if tree.actions else None
    if last is None or last.operator is not Operator.ABLATE or not tree.of(last):
        return ()
    return (Action(operator=Operator.TARGET, parents=last.parents, step=last.step),)


def _next_merge(tree: Tree, debug_rounds: int) -> tuple[Action, ...]:
    """The next merge: the other drafts in order of score into the best one, up to the first that does not make it better."""
    drafts = [
        repaired(tree, node, debug_rounds) for action in tree.actions if action.operator is Operator.DRAFT for node in tree.of(action)
    ]
    order = _by_score(tree, [node for node in drafts if node.valid])
    if order:  # what was stopped early is no better, but may still have a part worth taking
        order += _by_score(tree, [node for node in drafts if node.raced])
    if len(order) < 2:
        return ()
    current, others = order[0], order[1:]
    merges = [action for action in tree.actions if action.operator is Operator.MERGE]
    for action in merges:
        for node in tree.of(action):
            merged = repaired(tree, node, debug_rounds)
            if merged.score is None or current.score is None or not tree.better(merged.score, current.score):
                return ()
            current = merged
    if len(merges) == len(others):
        return ()
    return (Action(operator=Operator.MERGE, parents=(current.number, others[len(merges)].number)),)


def _use_files(tree: Tree) -> tuple[Action, ...]:
    """The data-usage check: once, on the initial solution, if it never opened a file that was provided."""
    best = tree.best(tree.nodes)
    checked = any(action.operator in (Operator.IMPROVE, Operator.ABLATE) for action in tree.actions)
    if best is None or checked or best.evaluation is None or not best.evaluation.files_unopened:
        return ()
    return (Action(operator=Operator.IMPROVE, parents=(best.number,), files=best.evaluation.files_unopened),)


def _by_score(tree: Tree, nodes: list[Node]) -> list[Node]:
    """Best first; of equal ones the older first."""
    sign = -1.0 if tree.greater_is_better else 1.0
    return sorted(nodes, key=lambda node: sign * ((node.evaluation and node.evaluation.score) or 0.0))


register("mle-star", MleStar, MleStarParameters())
register("mle-star-no-merge", MleStar, MleStarParameters(merge=False))
register("mle-star-no-ablation", MleStar, MleStarParameters(ablation=False))
