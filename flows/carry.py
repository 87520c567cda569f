"""What the flow `solve` does: one run of the state machine, every evaluation a task run."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_data_path
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from competitions import EXAMPLES, CompetitionError, Views, ViewSource, make_example
from evaluation import Evaluator, Race, expected_memory
from flows.approval import answer_in_form
from flows.artifacts import Artifacts
from flows.keys import keys_from_blocks
from flows.termination import ended_by_sigterm
from flows.workers import TITLE, WorkersRunner
from flows.workshop import Order, Workshop, new_run, old_run
from journal import Candidate, Evaluation, Executed, Fidelity, FoldResult, Operator, Run, Settings, open_run
from nodes import STEPS_AT_MOST, TRACK_NUMBERS, Evaluate, growth_of, run_graph
from reports import write_report

RUNS = "MLESTAR_RUNS"
PATIENCE_SECONDS = 3.0
"""For the last artifacts of a run that was cancelled or failed; Prefect's worker kills a cancelled one after 30."""


async def solve_order(order: Order) -> str:
    """Carry out a new run, or the one of that name. Returns the run folder."""
    existing = next(iter(order.runs_dir.glob(f"*/{order.run_id}")), None)
    async with keys_from_blocks(order.settings):
        if existing:
            await answer_in_form(existing)
        workshop = await asyncio.to_thread(old_run, existing) if existing else await asyncio.to_thread(new_run, order)
        folder = await carry_out(workshop)
        await answer_in_form(Path(folder))
        return folder


async def resume_folder(folder: Path, more_seconds: float | None, more_evaluations: int | None) -> str:
    """Carry on with a run. Returns the run folder."""
    async with keys_from_blocks(await asyncio.to_thread(lambda: open_run(str(folder)).settings)):
        return await carry_out(await asyncio.to_thread(old_run, folder, more_seconds, more_evaluations))


def runs_folder(given: str | None) -> Path:
    """An absolute place: a process worker starts a flow in a temporary folder, where runs would be lost."""
    return Path(given or os.environ.get(RUNS) or Path.home() / "mlestar" / "runs").expanduser().absolute()


def competition_folder(name: str) -> Path:
    """The folder itself, or the bundled example of that name, made on its first use."""
    folder = Path(name).expanduser()
    if folder.exists() or name not in EXAMPLES:
        return folder
    place = user_data_path("mlestar") / "competitions"
    if not (place / name).is_dir():
        try:
            make_example(name, place)
        except (OSError, CompetitionError):
            if not (place / name).is_dir():  # else another run was first
                raise
    return place / name


async def in_flow(workshop: Workshop) -> str:
    """Carry out a run that is set up already, as a flow run of the same name."""
    run = workshop.run

    @flow(name="solve", flow_run_name=f"{run.info.competition} · {run.info.id}", validate_parameters=False)
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
    patience: float | None = PATIENCE_SECONDS
    try:
        with ended_by_sigterm():
            await run_graph().ainvoke({"track": 0}, {"recursion_limit": STEPS_AT_MOST}, context=context)
        patience = None
    finally:
        run.close()
        if isinstance(runner := workshop.evaluator.runner, WorkersRunner):
            await asyncio.to_thread(runner.close, finished=run.finished is not None)
        write_report(run, run.folder / "report.html")
        await artifacts.close(patience)
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
        TITLE.set(name)
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
        race=race_of(run, candidate) if fidelity == "search" and folds is None else None,
        known=run.executions(candidate.number, fidelity),
        on_result=record,
        priority=(candidate.number % TRACK_NUMBERS, candidate.track),
        group=candidate.track,
        memory=await asyncio.to_thread(_memory_of, run, candidate, views, fidelity),
    )


def _memory_of(run: Run, candidate: Candidate, views: ViewSource, fidelity: Fidelity) -> int:
    """Bytes that one execution of the candidate is expected to take; 0: nothing is known."""
    if own := run.executions(candidate.number, fidelity):
        return expected_memory(run.tree(), candidate, own.values())
    growth = growth_of(views, fidelity) if isinstance(views, Views) else 1.0
    return expected_memory(run.tree(), candidate, run.executions(candidate.number, "search").values(), growth)


def race_of(run: Run, candidate: Candidate) -> Race | None:
    """Against the incumbent that the candidate's action names, or the base of its study; none: it is measured on all folds."""
    action = next((action for action in run.tree().actions if action.id == candidate.action), None)
    if action is None:
        return None
    if action.operator is Operator.ABLATE and run.settings.racing:
        return Race(run.candidate_folder(action.parents[0]), study=True)
    return None if action.incumbent is None else Race(run.candidate_folder(action.incumbent))
