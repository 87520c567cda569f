"""The seam of the policies: a policy is a pure function of what was done so far."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from journal import Action, Operator, Tree


@dataclass(frozen=True)
class Budget:
    """What a track, or the ensembling phase, may still use; none: without a bound."""

    evaluations: int | None = None
    seconds: float | None = None
    seconds_in_all: float | None = None
    """What `seconds` was at the start of the run."""

    @property
    def spent(self) -> bool:
        return (self.evaluations is not None and self.evaluations <= 0) or (self.seconds is not None and self.seconds <= 0)

    @property
    def time_left(self) -> float:
        """Share of the time that is left, 0..1; without a bound 1."""
        return 1.0 if self.seconds is None or not self.seconds_in_all else max(0.0, self.seconds / self.seconds_in_all)

    def cut(self, actions: tuple[Action, ...]) -> tuple[Action, ...]:
        """As many of the actions, in order, as there are evaluations for."""
        return actions if self.evaluations is None else actions[: self.evaluations]


Policy: TypeAlias = Callable[[Tree, Budget, Random], tuple[Action, ...]]
"""`next_actions(tree, budget, rng)`: the next batch, never empty; a single STOP ends the track.

The tree is that of one track and complete: no action of it is in flight. Ids and tracks of the actions are filled in by the caller. Equal
arguments give equal actions; nothing is read or written.
"""


def stop(reason: str) -> tuple[Action, ...]:
    """The batch that ends a track."""
    return (Action(operator=Operator.STOP, reason=reason),)
