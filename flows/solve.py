"""The flow `solve`: one run of the state machine, every evaluation a task run."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_data_path
from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from competitions import EXAMPLES, CompetitionError, ViewSource, make_example
from evaluation import Evaluator, Race
from flows.approval import answer_in_form
from flows.artifacts import Artifacts
from flows.keys import keys_from_blocks
from flows.workers import TITLE, WorkersRunner
from flows.workshop import Order, Workshop, new_run, old_run
from journal import Candidate, Evaluation, Executed, Fidelity, FoldResult, Run, Settings, open_run
from nodes import STEPS_AT_MOST, TRACK_NUMBERS, Evaluate, run_graph
from reports import write_report

DESCRIPTION = "Solve a competition: retrieve, draft, merge, ablate, refine, ensemble, submit."
DEFAULTS = Settings()
RUNS = "MLESTAR_RUNS"


def run_name() -> str:
    """What the UI calls a flow run: the competition, and the name of the run folder."""
    parameters = flow_run.parameters
    return f"{Path(parameters['competition']).name} · {parameters.get('run_id') or run_id_of_flow()}"


def run_id_of_flow() -> str:
    """A retried flow run keeps its id, so it finds its run folder again."""
    return f"flow-{str(flow_run.id)[:8]}"


@flow(name="solve", description=DESCRIPTION, flow_run_name=run_name)
async def solve(
    competition: str,
    settings: Settings = DEFAULTS,
    runs_dir: str | None = None,
    run_id: str | None = None,
    start: str | None = None,
    cards: str | None = None,
    command: str = "",
) -> str:
    """Solve one competition; a run folder that exists already is continued, so a retried flow run goes on where it was.

    Args:
        competition: A competition's folder as the worker sees it, or the name of a bundled example.
        settings: Budget, model, policy and parameters of the search.
        runs_dir: Where run folders are kept; none: MLESTAR_RUNS of the worker, else ~/mlestar/runs.
        run_id: Name of the run folder; none: by the flow run. One that exists is continued.
        start: Path of your own script, a first candidate.
        cards: A folder of your own model cards.
        command: A remark for the run's record: what was typed.

    Returns:
        The run folder.
    """
    order = Order(
        competition=await asyncio.to_thread(competition_folder, competition),
        settings=settings,
        runs_dir=runs_folder(runs_dir),
        run_id=run_id or run_id_of_flow(),
        start=Path(start) if start else None,
        cards=Path(cards) if cards else None,
        command=command,
    )
    existing = next(iter(order.runs_dir.glob(f"*/{order.run_id}")), None)
    async with keys_from_blocks(settings):
        if existing:
            await answer_in_form(existing)
        workshop = await asyncio.to_thread(old_run, existing) if existing else await asyncio.to_thread(new_run, order)
        folder = await carry_out(workshop)
        await answer_in_form(Path(folder))
        return folder


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


@flow(name="resume", description="Continue a run, with more time if given.")
async def resume(run_folder: str, more_seconds: float | None = None, more_evaluations: int | None = None) -> str:
    """Continue a killed or finished run without repeating a finished evaluation. Returns the run folder."""
    async with keys_from_blocks(await asyncio.to_thread(lambda: open_run(run_folder).settings)):
        return await carry_out(await asyncio.to_thread(old_run, Path(run_folder), more_seconds, more_evaluations))


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
    try:
        await run_graph().ainvoke({"track": 0}, {"recursion_limit": STEPS_AT_MOST}, context=context)
    finally:
        run.close()
        if isinstance(runner := workshop.evaluator.runner, WorkersRunner):
            await asyncio.to_thread(runner.close, finished=run.finished is not None)
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
    )


def race_of(run: Run, candidate: Candidate) -> Race | None:
    """Against the incumbent that the candidate's action names; none: it is measured on all folds."""
    action = next((action for action in run.tree().actions if action.id == candidate.action), None)
    return None if action is None or action.incumbent is None else Race(run.candidate_folder(action.incumbent))
