"""What all operators share: propose, then record in the order of the batch."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from langgraph.errors import GraphInterrupt
from langgraph.runtime import Runtime

from engineers import EngineerError, Proposal
from engineers.occasion import work_on
from journal import Action, Candidate, Proposed, Solution, SolutionError
from nodes.context import Context, pending_actions
from nodes.state import TrackState
from nodes.waiting import OutOfTime, in_time

Propose = Callable[[Context, Action], Coroutine[Any, Any, Sequence[Proposal]]]
TRACK_NUMBERS = 1000
"""Candidate 2007 is the seventh of track 2; beyond 999 the count goes on above: 102000."""


class OperatorNode(Protocol):
    """A node of LangGraph's that takes the runtime by name."""

    async def __call__(self, state: TrackState, runtime: Runtime[Context]) -> dict[str, Any]: ...


def operator_node(propose: Propose) -> OperatorNode:
    """A graph node of an operator: what it proposes becomes candidates; no proposal, or one that is no solution, closes the action."""

    async def node(state: TrackState, runtime: Runtime[Context]) -> dict[str, Any]:
        context = runtime.context
        action = next(action for action in pending_actions(context.run, state["track"]) if action.id == state["action"])
        reason = "nothing (more) to propose"
        proposals: Sequence[Proposal] = ()
        work_on(action)
        try:
            proposals = await in_time(propose(context, action), context, action.track)
        except OutOfTime:  # the action waits for a resumption
            async with context.out_of_order:
                context.out_of_order.notify_all()
            return {}
        except SolutionError as error:
            reason = str(error)
        except EngineerError as error:
            async with context.out_of_order:
                context.give_up(error, action.track)
                context.out_of_order.notify_all()
            return {}
        except GraphInterrupt:  # a person is asked; what comes later in the batch waits, too
            async with context.out_of_order:
                context.stopped_tracks.add(action.track)
                context.out_of_order.notify_all()
            raise
        await _record(context, action, proposals, reason)
        return {}

    return node


async def _record(context: Context, action: Action, proposals: Sequence[Proposal], reason: str) -> None:
    """Write the candidates once all earlier actions of the batch are recorded; never more than there are evaluations for."""
    async with context.out_of_order:

        def first() -> bool:
            return pending_actions(context.run, action.track)[0].id == action.id

        def stopped() -> bool:
            return action.track in context.broken_tracks | context.stopped_tracks or context.time_is_up(action.track)

        await context.out_of_order.wait_for(lambda: stopped() or first())
        if not first():
            return  # an earlier action of the batch waits for a resumption, so this one does
        left = context.budget(action.track).evaluations
        made = [_candidate(context, action, proposal, index) for index, proposal in enumerate(proposals[:left])]
        for candidate, solution in made:
            context.run.write_solution(candidate, solution)
        candidates = tuple(candidate for candidate, _ in made)
        context.run.append(Proposed(action=action.id, candidates=candidates, reason="" if made else reason))
        context.out_of_order.notify_all()


def _candidate(context: Context, action: Action, proposal: Proposal, index: int) -> tuple[Candidate, Solution]:
    solution = Solution.parse(proposal.code)
    position = len(context.run.tree().track(action.track).nodes) + 1 + index
    candidate = Candidate(
        number=candidate_number(action.track, position),
        action=action.id,
        track=action.track,
        operator=action.operator,
        parents=action.parents,
        title=proposal.title,
        plan=proposal.plan,
        block=proposal.block,
        step=action.step,
        digest=solution.digest,
    )
    return candidate, solution


def candidate_number(track: int, position: int) -> int:
    """The number of a track's candidate by its position, from 1: 1007, 2001; 0003 is the third ensemble."""
    rounds, rest = divmod(position, TRACK_NUMBERS)
    return rounds * TRACK_NUMBERS * 100 + track * TRACK_NUMBERS + rest
