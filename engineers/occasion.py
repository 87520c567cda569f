"""Which step of the search is being worked on: set by the nodes, read by engineers that keep a record of what they are asked."""

from contextvars import ContextVar
from dataclasses import dataclass

from journal import Action, Operator


@dataclass(frozen=True)
class Occasion:
    """The step that an engineer is asked for. `step` and `attempt` hold across machines, `action` is the position in this run's search."""

    action: str = ""
    track: int = 0
    step: int = 0
    attempt: int = 0


NOWHERE = Occasion()
_current: ContextVar[Occasion] = ContextVar("occasion", default=NOWHERE)


def occasion() -> Occasion:
    """The step of the running task; outside of the search: `NOWHERE`."""
    return _current.get()


def work_on(action: Action) -> None:
    """From now on this task works on the action: a draft's attempt is its card."""
    attempt = (action.card or 0) + 1 if action.operator is Operator.DRAFT else action.attempt or 0
    _current.set(Occasion(action.id, action.track, action.step or 0, attempt))
