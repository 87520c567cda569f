"""A run without Prefect: the state machine alone, evaluations one call each. For benchmarks and tests of what lies below the flows."""

from collections.abc import Sequence
from pathlib import Path

from competitions import ViewSource
from flows.carry import measure
from flows.workshop import Order, Workshop, new_run
from journal import Candidate, Evaluation, Fidelity, Run, Settings
from nodes import STEPS_AT_MOST, run_graph


async def solve(competition: Path, settings: Settings, runs: Path, run_id: str) -> Run:
    """A new run, to its end."""
    return await carry_out(new_run(Order(competition, settings, runs, run_id)))


async def carry_out(workshop: Workshop) -> Run:
    """A run that is set up, new or taken up again, to its end; closed for writing."""

    async def evaluate(
        candidate: Candidate, views: ViewSource, fidelity: Fidelity = "search", folds: Sequence[int | None] | None = None
    ) -> Evaluation:
        return await measure(workshop.run, workshop.evaluator, candidate, views, fidelity, folds)

    try:
        await run_graph().ainvoke({"track": 0}, {"recursion_limit": STEPS_AT_MOST}, context=workshop.context(evaluate=evaluate))
    finally:
        workshop.run.close()
    return workshop.run
