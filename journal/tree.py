"""The tree of candidates: what the journal's records add up to. Policies, engineers and reports read it."""

from collections.abc import Iterable
from dataclasses import dataclass

from journal.records import Action, Candidate, Evaluation, ModelCard, Operator, Status, Study


@dataclass(frozen=True)
class Node:
    """A candidate and its evaluation on the search view; none: not finished."""

    candidate: Candidate
    evaluation: Evaluation | None = None

    @property
    def number(self) -> int:
        return self.candidate.number

    @property
    def score(self) -> float | None:
        return self.evaluation.score if self.valid and self.evaluation else None

    @property
    def valid(self) -> bool:
        """Measured on all folds, without a failure."""
        return self.evaluation is not None and self.evaluation.status is Status.OK and not self.evaluation.raced

    @property
    def raced(self) -> bool:
        """Stopped after its first folds: it works, but would hardly be better than the incumbent, and its score is not comparable."""
        return self.evaluation is not None and self.evaluation.raced

    @property
    def failed(self) -> bool:
        return self.evaluation is not None and self.evaluation.status is not Status.OK

    @property
    def outcome(self) -> str:
        """A Status, 'stopped early' (raced), or 'unfinished'."""
        if self.evaluation is None:
            return "unfinished"
        return "stopped early" if self.raced else self.evaluation.status


@dataclass(frozen=True)
class Tree:
    """Everything that was decided, made and measured, in the order of the actions' ids; pure data."""

    greater_is_better: bool
    cards: tuple[tuple[ModelCard, ...], ...] = ()
    actions: tuple[Action, ...] = ()
    nodes: tuple[Node, ...] = ()
    studies: tuple[Study, ...] = ()
    closed: frozenset[str] = frozenset()
    """Ids of the actions that are done: they gave candidates, a study's conclusion, or nothing."""

    def track(self, number: int) -> "Tree":
        """The part that belongs to one track; 0 is the ensembling phase."""
        actions = tuple(action for action in self.actions if action.track == number)
        return Tree(
            self.greater_is_better,
            self.cards[number - 1 : number] if number else self.cards,
            actions,
            tuple(node for node in self.nodes if node.candidate.track == number),
            tuple(study for study in self.studies if study.track == number),
            self.closed & {action.id for action in actions},
        )

    def node(self, number: int) -> Node:
        return next(node for node in self.nodes if node.number == number)

    def of(self, action: Action) -> tuple[Node, ...]:
        """The candidates that an action made."""
        return tuple(node for node in self.nodes if node.candidate.action == action.id)

    def made_by(self, *operators: Operator) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.candidate.operator in operators)

    def better(self, score: float, incumbent: float) -> bool:
        """Strictly better, in the metric's direction."""
        return score > incumbent if self.greater_is_better else score < incumbent

    @property
    def first(self) -> Node | None:
        """The first solution, before any search: the first valid draft by position, not by time."""
        return next((node for node in self.made_by(Operator.DRAFT) if node.valid), None)

    def best(self, nodes: Iterable[Node]) -> Node | None:
        """The valid node with the best score; of equal ones the first. A variant of an ablation study counts as any other."""
        best: Node | None = None
        for node in nodes:
            if node.score is not None and (best is None or best.score is None or self.better(node.score, best.score)):
                best = node
        return best
