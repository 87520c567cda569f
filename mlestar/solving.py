"""Solving a competition in this process, as a library call."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from mlestar.places import competition_folder, competition_with_data

if TYPE_CHECKING:
    from journal import Run, Settings


def solve(
    competition: Path | str,
    settings: "Settings | None" = None,
    *,
    runs_dir: Path | str = "runs",
    run_id: str | None = None,
    start: Path | str | None = None,
    cards: Path | str | None = None,
    data: Path | str | None = None,
    command: str = "",
    on_started: Callable[[Path], None] | None = None,
) -> "Run":
    """Work on a competition until the search is complete or the budget is used; the answer lies in `run.folder / "final"`.

    Args:
        competition: a competition's folder, or the name of a bundled example.
        settings: budget and parameters of the search; none: the defaults.
        runs_dir: where run folders are made, as `<runs_dir>/<competition>/<run id>`.
        run_id: the new run's name; none: one that tells the time.
        start: a script to begin with, beside what is drafted.
        cards: a folder of model cards to draft from, before retrieved ones.
        data: the data folder, where it is not the competition's own.
        command: what the run record gives as the command that started it.
        on_started: called with the run's folder as soon as it exists.

    Raises:
        UserError, CompetitionError: there is no such competition, or its files cannot be used.
        SettingsError, CardError: a setting, the script or a card cannot be used.
        RunFolderError: the run folder cannot be made.
    """
    began = monotonic()
    folder = competition_folder(str(competition))
    if data is not None:
        folder = competition_with_data(folder, Path(data), Path(runs_dir))
    from flows.launch import solve_here
    from journal import Settings

    return solve_here(
        folder,
        settings or Settings(),
        Path(runs_dir),
        run_id=run_id,
        start=Path(start) if start is not None else None,
        cards=Path(cards) if cards is not None else None,
        command=command,
        on_started=on_started,
        began=began,
    )


def resume(
    folder: Path | str,
    *,
    more_seconds: float | None = None,
    more_evaluations: int | None = None,
    on_started: Callable[[Path], None] | None = None,
) -> "Run":
    """Take up a run where it was left, with its old settings and, where given, a larger budget.

    Raises:
        RunFolderError: the folder is no run, or another process works on it.
    """
    began = monotonic()
    from flows.launch import resume_here

    return resume_here(Path(folder), more_seconds=more_seconds, more_evaluations=more_evaluations, on_started=on_started, began=began)
