"""Running the flows from this process: for the command line and for Python.

A local Prefect server is started first; pandas, scikit-learn and the graph are imported, and the run is set up, beside its start.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from journal import Run, Settings, open_run

if TYPE_CHECKING:
    from flows.workshop import Workshop

DRAIN_SECONDS = 5.0


def _quiet() -> None:
    """Prefect's log goes to its API, not into our display; nothing calls home. Takes effect before prefect is imported."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("LANGSMITH_TRACING", "false")
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", "10")


_quiet()

from flows.local_server import check_api, prefect_api, starting_api  # noqa: E402


def solve_here(
    competition: Path,
    settings: Settings,
    runs_dir: Path,
    *,
    run_id: str | None = None,
    start: Path | None = None,
    cards: Path | None = None,
    command: str = "",
    on_started: Callable[[Path], None] | None = None,
    began: float | None = None,
) -> Run:
    """Make a run and carry it out as a Prefect flow in this process, on the configured API or on a local one.

    `began`: when its time begins, by this process's monotonic clock; none: now.

    Raises:
        CompetitionError, RunFolderError, SettingsError, CardError: bad input; nothing is left behind.
        InfrastructureError, LocalServerError: the machine cannot do it; the run can be resumed.
        KeyboardInterrupt: aborted; the run can be resumed.
    """
    began = monotonic() if began is None else began
    check_api()
    with starting_api() as ready:
        from flows.workshop import Order, new_run, new_run_id

        order = Order(competition, settings, runs_dir, run_id or new_run_id(), start=start, cards=cards, command=command, began=began)
        return _carry_out(new_run(order), ready, on_started)


def resume_here(
    folder: Path,
    *,
    more_seconds: float | None = None,
    more_evaluations: int | None = None,
    on_started: Callable[[Path], None] | None = None,
    began: float | None = None,
) -> Run:
    """Take up a run in this process; raises as `solve_here` does."""
    began = monotonic() if began is None else began
    check_api()
    with starting_api() as ready:
        from flows.workshop import old_run

        return _carry_out(old_run(folder, more_seconds, more_evaluations, began), ready, on_started)


@contextmanager
def drained_api() -> Iterator[None]:
    """Have an API, for several runs."""
    with prefect_api(), _drained():
        yield


@contextmanager
def _drained() -> Iterator[None]:
    """What is still on its way to the API at the end must not wait for the interpreter's end, when a local one is gone."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    try:
        yield
    finally:
        EventsWorker.drain_all(timeout=DRAIN_SECONDS)
        APILogWorker.drain_all(timeout=DRAIN_SECONDS)


def _carry_out(workshop: "Workshop", ready: Callable[[], str], on_started: Callable[[Path], None] | None) -> Run:
    from flows.carry import in_flow

    folder = workshop.run.folder
    try:
        if on_started is not None:
            on_started(folder)
        ready()
        with _drained():
            asyncio.run(in_flow(workshop))
    finally:
        workshop.run.close()
    return open_run(folder)
