"""A benchmark's folder: which runs it is made of, and where they lie.

OUT/bench.json                                   the cells, with all of their settings
    runs/<competition>/<competition>-<policy>-…  a run folder for each cell
    report.html, report.md, *.csv                what came out
"""

import re
from pathlib import Path

from pydantic import Field, ValidationError

from journal import Record, Run, RunFolderError, Settings, write_atomically

BENCH = "bench.json"
RUNS = "runs"


class Cell(Record):
    """One run of a benchmark: a competition, and a name for the choice on every axis; `settings` are what the names stand for."""

    competition: str = Field(description="its id")
    folder: str = Field(description="where it lies, as the flow takes it")
    policy: str
    engineer: str
    budget: str
    seed: int
    settings: Settings

    @property
    def run_id(self) -> str:
        """By content of the axes, so that the cell finds its run again."""
        return "-".join(map(slug, (self.competition, self.policy, self.engineer, self.budget, f"s{self.seed}")))

    @property
    def contender(self) -> tuple[str, str, str]:
        """What is compared: (policy, engineer, budget)."""
        return self.policy, self.engineer, self.budget

    @property
    def title(self) -> str:
        return f"{self.competition} · {self.policy} · {self.engineer} · {self.budget} · seed {self.seed}"


class Bench(Record):
    """bench.json."""

    name: str
    cells: tuple[Cell, ...]


def slug(name: str) -> str:
    """As a part of a folder's name."""
    return re.sub(r"[^A-Za-z0-9._]+", "_", name).strip("_") or "_"


def cell_folder(out: Path, cell: Cell) -> Path:
    """Of the cell's run."""
    return out / RUNS / cell.competition / cell.run_id


def cell_run(out: Path, cell: Cell) -> Run | None:
    """The cell's run, in whatever state it is; none: not begun.

    Raises:
        RunFolderError: it is there and cannot be read.
    """
    folder = cell_folder(out, cell)
    return Run(folder) if (folder / "run.json").exists() else None


def write_bench(out: Path, bench: Bench) -> None:
    """Make the folder, or find that it is this benchmark's; a suite may gain cells and lose some, but no run may change its settings.

    Raises:
        RunFolderError: a cell that has begun had other settings, or nothing can be written.
    """
    for cell in bench.cells:
        run = cell_run(out, cell)
        if run is not None and (run.info.settings != cell.settings or run.info.competition_path != str(Path(cell.folder).resolve())):
            changed = [key for key, value in cell.settings if value != getattr(run.info.settings, key)] or ["competition"]
            raise RunFolderError(
                run.folder, f"the suite has changed since this run began ({', '.join(changed)})", "choose another --out, or delete the run"
            )
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_atomically(out / BENCH, bench.model_dump_json(indent=1).encode())
    except OSError as error:
        raise RunFolderError(out, f"cannot be written: {error.strerror or error}", "choose another place with --out") from error


def read_bench(out: Path) -> Bench:
    """What write_bench wrote.

    Raises:
        RunFolderError: there is no benchmark, or it cannot be read.
    """
    try:
        return Bench.model_validate_json((out / BENCH).read_bytes())
    except FileNotFoundError as error:
        raise RunFolderError(out, f"no {BENCH}: this is no benchmark's folder", "give the --out of `mlestar bench`") from error
    except (OSError, ValidationError) as error:
        raise RunFolderError(out / BENCH, f"cannot be read: {error}", "was it written by another version?") from error
