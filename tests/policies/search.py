"""A search without scripts: a policy is asked, its actions get candidates with the scores that a table of answers gives."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from journal import (
    Action,
    Candidate,
    Evaluation,
    FoldResult,
    ModelCard,
    Node,
    Operator,
    Status,
    Study,
    Tree,
)
from policies import Budget, Policy

CARD = ModelCard(name="m", family="f", why="w", code="x = 1", source="s")


@dataclass
class Search:
    """`answer(action, index)` gives the score of an action's candidate, or a status of failure, or none: nothing was proposed."""

    policy: Policy
    answer: Callable[[Action, int], float | Status | None]
    variants: int = 2
    targets: Callable[[int], str | None] = lambda step: f"block {step}"
    unopened: tuple[str, ...] = ()
    evaluations: int | None = None
    seed: int = 0
    script: Callable[[Action, int], str] = lambda action, number: str(number)
    """The digest of an action's candidate: by default no two scripts are equal."""
    tree: Tree = field(default_factory=lambda: Tree(greater_is_better=True, cards=((CARD,) * 3,)))
    batches: list[tuple[Action, ...]] = field(default_factory=list)

    def run(self, most: int = 500) -> "Search":
        """Ask until the policy stops."""
        for _ in range(most):
            left = None if self.evaluations is None else self.evaluations - len(self.tree.nodes)
            batch = self.policy(self.tree, Budget(left), Random(f"{self.seed}/{len(self.tree.actions)}"))
            assert batch, "a policy must say STOP, never nothing"
            self.batches.append(batch)
            if batch[0].operator is Operator.STOP:
                return self
            self._carry_out(batch, left)
        raise AssertionError(f"the search did not end within {most} batches")

    def _carry_out(self, batch: tuple[Action, ...], left: int | None) -> None:
        for action in batch:
            stamped = action.model_copy(update={"id": f"1.{len(self.tree.actions) + 1:04d}", "track": 1})
            self.tree = replace(self.tree, actions=(*self.tree.actions, stamped), closed=self.tree.closed | {stamped.id})
            if action.operator is Operator.TARGET:
                self._conclude(stamped)
                continue
            for index in range(self.variants if action.operator is Operator.ABLATE else 1):
                answer = self.answer(stamped, index)
                if answer is not None and (left is None or index < left):
                    self._add(stamped, answer)

    def _add(self, action: Action, answer: float | Status) -> None:
        number = 1001 + len(self.tree.nodes)
        candidate = Candidate(
            number=number,
            action=action.id,
            track=1,
            operator=action.operator,
            parents=action.parents,
            title="t",
            step=action.step,
            digest=self.script(action, number),
        )
        status, score = (answer, None) if isinstance(answer, Status) else (Status.OK, answer)
        fold = FoldResult(fold=0, status=status, score=score, files_unopened=self.unopened)
        evaluation = Evaluation(fidelity="search", folds=(fold,), status=status, score=score)
        self.tree = replace(self.tree, nodes=(*self.tree.nodes, Node(candidate, evaluation)))

    def _conclude(self, action: Action) -> None:
        step = action.step or 0
        study = Study(
            number=step,
            action=action.id,
            track=1,
            step=step,
            base=action.parents[0],
            base_score=0.0,
            rows=(),
            target=self.targets(step),
            plan="p",
        )
        self.tree = replace(self.tree, studies=(*self.tree.studies, study))

    @property
    def operators(self) -> list[Operator]:
        return [action.operator for action in self.tree.actions]

    def actions(self, operator: Operator) -> list[Action]:
        return [action for action in self.tree.actions if action.operator is operator]

    @property
    def reason(self) -> str:
        return self.batches[-1][0].reason
