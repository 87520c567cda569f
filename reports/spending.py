"""What the language model cost: summed from the calls that lie in the run's folder llm/."""

import json
from pathlib import Path

from pydantic import Field

from journal import Run
from journal.records import Record


class Spending(Record):
    """Calls of the model over a whole run."""

    calls: int
    tokens: int
    cost: float | None = Field(description="US dollars; none: a call has no known price")


def spending(run: Run) -> Spending:
    """Sum up llm/*.json, each with `tokens` (a number, or numbers by kind) and `cost`; unreadable files count as calls without a price."""
    calls = [_call(path) for path in sorted((run.folder / "llm").glob("*.json"))]
    costs = [cost for _, cost in calls]
    known = [cost for cost in costs if cost is not None]
    return Spending(calls=len(calls), tokens=sum(tokens for tokens, _ in calls), cost=sum(known) if len(known) == len(costs) else None)


def _call(path: Path) -> tuple[int, float | None]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return 0, None
    if not isinstance(content, dict):
        return 0, None
    tokens, cost = content.get("tokens"), content.get("cost")
    counts = tokens.values() if isinstance(tokens, dict) else [tokens]
    return int(sum(map(_number, counts))), float(cost) if isinstance(cost, int | float) else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
