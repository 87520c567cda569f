"""The flows `solve` and `resume` as deployments and Prefect's pages know them: names, parameters, descriptions.

What they do is imported when they run (flows/carry.py): Prefect loads this module also when a run is cancelled, to look for hooks, and the
run counts as cancelled only then. With pandas, scikit-learn and the graph that took four seconds of a processor.
"""

import asyncio
import sys
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from journal import Settings

DESCRIPTION = "Solve a competition: retrieve, draft, merge, ablate, refine, ensemble, submit."
DEFAULTS = Settings()


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
    _find_sources()
    from flows.carry import competition_folder, runs_folder, solve_order
    from flows.process import prepare_process
    from flows.workshop import Order

    prepare_process()
    order = Order(
        competition=await asyncio.to_thread(competition_folder, competition),
        settings=settings,
        runs_dir=runs_folder(runs_dir),
        run_id=run_id or run_id_of_flow(),
        start=Path(start) if start else None,
        cards=Path(cards) if cards else None,
        command=command,
    )
    return await solve_order(order)


@flow(name="resume", description="Continue a run, with more time if given.")
async def resume(run_folder: str, more_seconds: float | None = None, more_evaluations: int | None = None) -> str:
    """Continue a killed or finished run without repeating a finished evaluation. Returns the run folder."""
    _find_sources()
    from flows.carry import resume_folder
    from flows.process import prepare_process

    prepare_process()
    return await resume_folder(Path(run_folder), more_seconds, more_evaluations)


def _find_sources() -> None:
    """Loaded by its path from a clone, this module was found without its folder being searched for others."""
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        sys.path.insert(0, root)
