"""The graph's state: ids only. What was done lies in the journal, what is needed from outside in the context."""

from typing import TypedDict


class TrackState(TypedDict, total=False):
    """One loop: a track's, or (0) the ensembling phase's. `action` is there only on the way from `decide` to an operator."""

    track: int
    action: str


class RunState(TypedDict, total=False):
    """The whole run. `track` is 0; the tracks are sent their own numbers."""

    track: int


class Nothing(TypedDict):
    """What a loop hands back to the run: all that it did lies in the journal."""
