"""The graph's state: ids only. What was done lies in the journal, what is needed from outside in the context."""

import operator
from typing import Annotated, TypedDict


class TrackState(TypedDict):
    """One track's loop. `action` is there only on the way from `decide` to an operator."""

    track: int
    action: str


class RunState(TypedDict, total=False):
    """The whole run: which tracks have ended."""

    track: int
    ended: Annotated[list[int], operator.add]
