"""The seam of the engineers: who writes code and plans. `None` always means: nothing (more) to propose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from journal import ModelCard, Solution, Status, Study


@dataclass(frozen=True)
class Proposal:
    """A whole solution and what it is about."""

    title: str
    plan: str
    code: str
    block: str | None = None
    """The block that was changed, where it was one."""


@dataclass(frozen=True)
class Variant:
    """One row of an ablation study to be: `replacement` stands in for the block's source; empty removes the block."""

    block: str
    title: str
    replacement: str


@dataclass(frozen=True)
class Target:
    """What is concluded from a study: the block to refine, the first plan for it, and a short prose summary."""

    block: str
    plan: str
    summary: str


@dataclass(frozen=True)
class Attempt:
    """What was tried before, as the planner sees it; `score` is none where it failed, `status` says how."""

    plan: str
    score: float | None
    status: Status
    base_score: float | None = None
    """The score it had to beat."""
    raced: bool = False
    """It was stopped after its first folds; both scores are of those."""


@dataclass(frozen=True)
class Member:
    """A possible ensemble member. Its columns in the stacking view begin with `prefix`."""

    number: int
    prefix: str
    title: str
    score: float
    code: str


@dataclass(frozen=True)
class Review:
    """What a critic says of a script: whether it uses what it must not, where, and what to do instead."""

    leaks: bool
    block: str | None = None
    reason: str = ""


class Engineer(Protocol):
    """Writes code and plans; never sees a held-out label, never decides what is tried next.

    All engineers pass tests/engineers/conformance.py.

    Raises (every method):
        EngineerError: the engineer cannot go on at all (no answer, no credit); the run ends with the best so far.
    """

    @property
    def name(self) -> str:
        """What run records call it: 'recipes'."""
        ...

    async def retrieve(self, count: int) -> tuple[ModelCard, ...]:
        """Up to `count` model cards for the competition, the most promising first, families mixed."""
        ...

    async def draft(self, card: ModelCard) -> Proposal | None:
        """One simple solution from one card: no ensemble, no tuning."""
        ...

    async def merge(self, base: Solution, reference: Solution) -> Proposal | None:
        """One solution of two; the base stays the skeleton."""
        ...

    async def debug(self, broken: Solution, error: str, tried: Sequence[str]) -> Proposal | None:
        """The whole repaired script, given the latest error and the plans of the repairs tried before."""
        ...

    async def variants(self, solution: Solution, earlier: Sequence[Study]) -> tuple[Variant, ...]:
        """What an ablation study switches off; other parts than the earlier studies looked at come first."""
        ...

    async def target(self, solution: Solution, study: Study, refined: Sequence[str]) -> Target | None:
        """The block with the largest effect that was not refined before, and a first plan for it. `study.target` and `.plan` are empty."""
        ...

    async def plan(self, solution: Solution, block: str, attempts: Sequence[Attempt]) -> str | None:
        """A plan for the block that differs from all before."""
        ...

    async def rewrite(self, solution: Solution, block: str, plan: str) -> str | None:
        """The block's new source, by the plan."""
        ...

    async def use_files(self, solution: Solution, unopened: Sequence[str]) -> Proposal | None:
        """The solution, made to use provided files that it never opened; none where nothing useful is left."""
        ...

    async def improve(self, solution: Solution, attempts: Sequence[Attempt]) -> Proposal | None:
        """The whole solution made better in one respect."""
        ...

    async def crossover(self, first: Solution, second: Solution) -> Proposal | None:
        """A solution with the best of two parents."""
        ...

    async def review(self, solution: Solution) -> Review | None:
        """Whether a candidate that is to become the best uses test rows beyond their features, or hints that new rows will not have.

        None: no verdict.
        """
        ...

    async def ensemble(self, members: Sequence[Member], correlations: pd.DataFrame, attempts: Sequence[Attempt]) -> Proposal | None:
        """A solution on the stacking view (see ensembles.stacking) that combines the members; differs from all attempts.

        `correlations`: members × members, of their out-of-fold predictions, indexed by candidate number.
        """
        ...


class EngineerError(RuntimeError):
    """The engineer cannot go on: the model never answers usefully, the key is refused, the cap is reached."""
