"""Decide: ask the policy for the next batch, record it, and send each action to its operator."""

from typing import Any

from langgraph.graph import END
from langgraph.runtime import Runtime
from langgraph.types import Send

from journal import Action, Decided, Operator
from nodes.context import Context, pending_actions, pending_candidates
from nodes.state import TrackState


async def decide(state: TrackState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Record the policy's next actions, unless work is still pending (a resumed run), or the policy stops."""
    context, track = runtime.context, state["track"]
    if context.out_of_time(track) or track in context.broken_tracks:
        return {}
    if pending_actions(context.run, track) or pending_candidates(context.run, track):
        return {}
    tree, budget, rng = context.run.tree(), context.budget(track), context.rng(track)
    actions = context.policy(tree.track(track), budget, rng) if track else context.ensembling(tree, budget, rng)
    going_on = [action for action in actions if action.operator is not Operator.STOP]
    if going_on:
        first = len(tree.track(track).actions) + 1
        context.run.append(Decided(actions=tuple(_stamped(action, track, first + index) for index, action in enumerate(going_on))))
    return {}


def dispatch(state: TrackState, runtime: Runtime[Context]) -> list[Send] | str:
    """Every pending action to its operator, all at once; candidates that were made but not evaluated to `evaluate`; else the track ends."""
    context, track = runtime.context, state["track"]
    if context.time_is_up(track):
        return END
    going_on = track not in context.broken_tracks and not context.out_of_time(track)
    if going_on and (actions := pending_actions(context.run, track)):
        return [Send(action.operator.value, {"track": track, "action": action.id}) for action in actions]
    return "evaluate" if pending_candidates(context.run, track) else END


def _stamped(action: Action, track: int, position: int) -> Action:
    return action.model_copy(update={"id": f"{track}.{position:04d}", "track": track})
