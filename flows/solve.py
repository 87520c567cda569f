"""The flow `solve`: one run of the state machine, every evaluation a task run."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from competitions import ViewSource
from evaluation import Evaluator
from flows.artifacts import Artifacts
from flows.workshop import Order, Workshop, new_run, old_run
from journal import Candidate, Evaluation, Executed, Fidelity, FoldResult, Run, Settings
from nodes import STEPS_AT_MOST, TRACK_NUMBERS, Evaluate, run_graph
from reports import write_report


@flow(name="solve", description="Solve a competition: retrieve, draft, merge, ablate, refine, ensemble, submit.")
async def solve(
    competition: str,
    settings: Settings | None = None,
    runs_dir: str = "runs",
    run_id: str | None = None,
    start: str | None = None,
    cards: str | None = None,
    command: str = "",
) -> str:
    """Solve one competition; a run folder that exists already is continued, so a retried flow run goes on where it was.

    Args:
        competition: A folder with description, train, test and sample submission, or MLE-bench's prepared layout.
        settings: Budget and parameters of the search.
        runs_dir: Where runs are kept.
        run_id: Name of the run folder; none: by the flow run.
        start: Your own script, a first candidate.
        cards: A folder of your own model cards.
        command: What was typed, for the record.

    Returns:
        The run folder.
    """
    order = Order(
        competition=Path(competition),
        settings=settings or Settings(),
        runs_dir=Path(runs_dir),
        run_id=run_id or f"flow-{str(flow_run.id)[:8]}",  # a retried flow run keeps its id
        start=Path(start) if start else None,
        cards=Path(cards) if cards else None,
        command=command,
    )
    existing = next(iter(order.runs_dir.glob(f"*/{order.run_id}")), None)
    workshop = await asyncio.to_thread(old_run, existing) if existing else await asyncio.to_thread(new_run, order)
    return await carry_out(workshop)


@flow(name="resume", description="Continue a run, with more time if given.")
async def resume(run_folder: str, more_seconds: float | None = None, more_evaluations: int | None = None) -> str:
    """Continue a killed or finished run without repeating a finished evaluation. Returns the run folder."""
    return await carry_out(await asyncio.to_thread(old_run, Path(run_folder), more_seconds, more_evaluations))


async def in_flow(workshop: Workshop) -> str:
    """Carry out a run that is set up already, as a flow run of the same name."""
    run = workshop.run

    @flow(name="solve", flow_run_name=run.info.id, validate_parameters=False)
    async def solve_here(competition: str, settings: Settings) -> str:  # noqa: ARG001 - shown in the UI
        return await carry_out(workshop)

    return await solve_here(run.info.competition_path, run.settings)


async def carry_out(workshop: Workshop) -> str:
    """Run the graph to its end; the report is written whatever happens."""
    run = workshop.run
    artifacts = Artifacts(run)
    get_run_logger().info("run folder: %s", run.folder)
    context = workshop.context(
        evaluate=evaluate_as_task(run, workshop.evaluator), on_study=artifacts.study, on_evaluation=artifacts.progress
    )
    try:
        await run_graph().ainvoke({"track": 0}, {"recursion_limit": STEPS_AT_MOST}, context=context)
    finally:
        run.close()
        write_report(run, run.folder / "report.html")
        await artifacts.publish()
    return str(run.folder)


def evaluate_as_task(run: Run, evaluator: Evaluator) -> Evaluate:
    """How the graph's nodes evaluate inside a flow: each evaluation is a task run with a readable name."""

    @task(name="evaluate", task_run_name="{name}", cache_policy=NO_CACHE, persist_result=False)
    async def evaluate_candidate(
        name: str,  # noqa: ARG001 - the task run's
        candidate: Candidate,
        views: ViewSource,
        fidelity: Fidelity,
        folds: Sequence[int | None] | None,
    ) -> Evaluation:
        return await measure(run, evaluator, candidate, views, fidelity, folds)

    async def evaluate(
        candidate: Candidate, views: ViewSource, fidelity: Fidelity = "search", folds: Sequence[int | None] | None = None
    ) -> Evaluation:
        name = f"{candidate.number:04d} {candidate.operator.value} · {candidate.title}"
        return await evaluate_candidate(name, candidate, views, fidelity, folds)

    return evaluate


async def measure(
    run: Run,
    evaluator: Evaluator,
    candidate: Candidate,
    views: ViewSource,
    fidelity: Fidelity = "search",
    folds: Sequence[int | None] | None = None,
) -> Evaluation:
    """Evaluate a candidate; every execution is recorded as it ends, and what is recorded is not run again."""

    def record(result: FoldResult) -> None:
        run.append(Executed(candidate=candidate.number, fidelity=fidelity, result=result))

    return await evaluator.evaluate(
        str(run.solution(candidate.number)),
        views,
        run.candidate_folder(candidate.number),
        fidelity=fidelity,
        folds=folds,
        known=run.executions(candidate.number, fidelity),
        on_result=record,
        priority=(candidate.number % TRACK_NUMBERS, candidate.track),
    )
