"""What the language models cost, by role: summed from the journal's records of the calls."""

from collections.abc import Sequence

from pydantic import Field

from journal import Asked, Record, Run


class RoleSpending(Record):
    """Calls of one role's model over a whole run."""

    role: str = Field(description="planner, coder or judge")
    models: tuple[str, ...]
    calls: int
    useful: int = Field(description="of these, calls whose answer was of use")
    prompt_tokens: int
    answer_tokens: int
    cost: float | None = Field(description="US dollars; none: a call has no known price, which is not nothing")
    seconds: float = Field(description="that the answers took, in sum; calls may overlap")


class Spending(Record):
    """Calls of the models over a whole run."""

    calls: int
    tokens: int
    cost: float | None = Field(description="US dollars; none: a call has no known price")
    roles: tuple[RoleSpending, ...]


def spending(run: Run) -> Spending:
    """Sum up the run's calls; roles in the order in which they were first asked."""
    calls = list(run.entries(Asked))
    roles = tuple(_role(role, [call for call in calls if call.role == role]) for role in dict.fromkeys(call.role for call in calls))
    return Spending(
        calls=len(calls),
        tokens=sum(call.prompt_tokens + call.answer_tokens for call in calls),
        cost=_sum([call.cost for call in calls]),
        roles=roles,
    )


def _role(role: str, calls: Sequence[Asked]) -> RoleSpending:
    return RoleSpending(
        role=role,
        models=tuple(dict.fromkeys(call.model for call in calls)),
        calls=len(calls),
        useful=sum(call.useful for call in calls),
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        answer_tokens=sum(call.answer_tokens for call in calls),
        cost=_sum([call.cost for call in calls]),
        seconds=sum(call.seconds for call in calls),
    )


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
