"""Whether the parts of a competition fit together: each check raises one clear error."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from competitions.errors import CompetitionError
from competitions.masks import parse_runs
from competitions.metric import Metric
from competitions.model import ProvidedFile, Task
from competitions.rowfiles import ROW_ROLES, parse_pattern
from competitions.sources import YAML, Tables

SHOWN = 3


def check_files(root: Path, folder: Path, files: Sequence[ProvidedFile], private: Collection[Path] = ()) -> None:
    """Every file is there, below the data folder, has a role of its own where there may be one, and is not private."""
    for file in files:
        target = (folder / file.path).resolve()
        if not target.is_relative_to(folder) or not target.exists():
            raise CompetitionError(root / YAML, "files", file.path, f"no such file below {folder}")
        if any(one.resolve().is_relative_to(target) for one in private):
            raise CompetitionError(
                root / YAML, "files", file.path, "it is, or holds, what candidates must not see: take it out of the files"
            )
    for role in ("train", "test", "sample_submission"):
        paths = [file.path for file in files if file.role == role]
        if len(paths) > 1:
            raise CompetitionError(root / YAML, "files", paths, f"one file can have the role {role}")


def check_members(root: Path, files: Sequence[ProvidedFile], tables: Tables) -> None:
    """Each pattern of row files must hold a column of the tables whose rows it names."""
    for file in files:
        if (file.role in ROW_ROLES) != (file.members is not None):
            raise CompetitionError(root / YAML, "files", f"{file.path}, {file.role}, members {file.members}", "row files need members")
        if file.members is None:
            continue
        try:
            column = parse_pattern(file.members).column
        except ValueError as error:
            raise CompetitionError(root / YAML, "files", error, "write the column's name in braces") from error
        if any(column not in table.columns for table in (tables.train, tables.test)):
            raise CompetitionError(root / YAML, "files", file.members, f"both tables need the column {column!r}")


def _path(folder: Path, files: Sequence[ProvidedFile], role: str) -> Path:
    """The file with a role; the sample submission where there is none."""
    return folder / next((file.path for file in files if file.role == role), next(f.path for f in files if f.role == "sample_submission"))


def check_columns(folder: Path, files: Sequence[ProvidedFile], tables: Tables, ids: tuple[str, ...], prediction: tuple[str, ...]) -> None:
    """The test table has the ids; the sample submission has ids and predictions."""
    for name, table, role in [(name, tables.test, "test") for name in ids] + [
        (name, tables.sample, "sample_submission") for name in (*ids, *prediction)
    ]:
        if name not in table.columns:
            raise CompetitionError(
                _path(folder, files, role),
                name,
                f"no such column; there are {list(table.columns)}",
                "the sample submission needs ids and predictions",
            )


def target_cells(folder: Path, files: Sequence[ProvidedFile], tables: Tables, name: str) -> pd.Series:
    """The training table's target as text."""
    path = _path(folder, files, "train")
    if name not in tables.train.columns:
        raise CompetitionError(
            path, name, f"the target is not among the columns {list(tables.train.columns)}", f"correct target_columns in {YAML}"
        )
    if name in tables.test.columns:
        raise CompetitionError(_path(folder, files, "test"), name, "the test table has the target", "take the column out of it")
    return tables.train[name]


def check_complete(folder: Path, files: Sequence[ProvidedFile], target: pd.Series, may_be_empty: bool) -> None:
    """No cell of the target is empty, unless an empty one is an answer."""
    missing = int((target == "").sum())
    if missing and not may_be_empty:
        path = _path(folder, files, "train")
        raise CompetitionError(path, str(target.name), f"the target is missing in {missing} of {len(target)} rows", "remove these rows")
    if target.nunique() < 2:
        raise CompetitionError(
            _path(folder, files, "train"),
            str(target.name),
            f"the target is {target.iloc[0]!r} in every row",
            "a target needs two values at least",
        )


def check_metric(root: Path, metric: Metric, task: Task, target: pd.Series, classes: tuple[str, ...]) -> None:
    """The metric fits the task and the values of the target."""
    name, column = metric.name, target.name
    numbers = pd.to_numeric(target, errors="coerce")
    remedy = f"set metric (and task) in {YAML} to what fits the target {column!r}"
    if task not in metric.tasks and not (task == "multilabel" and "binary" in metric.tasks):
        raise CompetitionError(root, "metric", f"{name} does not fit a {task} target ({target.nunique()} distinct values)", remedy)
    if task in {"binary", "multilabel"} and len(classes) != 2:
        raise CompetitionError(root, "task", f"{task}, but {column!r} has {len(classes)} distinct values", remedy)
    if (task == "regression" or metric.numeric_labels) and numbers.isna().any():
        raise CompetitionError(root, "metric", f"{name} needs numbers, but {column!r} has {target[numbers.isna()].iloc[0]!r}", remedy)
    if metric.prediction == "pixel":
        _check_masks(root, target)
    if metric.non_negative and (numbers < 0).any():
        raise CompetitionError(root, "metric", f"{name} needs targets from 0, but {column!r} goes down to {numbers.min():g}", remedy)


def _check_masks(root: Path, target: pd.Series) -> None:
    for cell in target:
        try:
            parse_runs(cell)
        except ValueError as error:
            raise CompetitionError(
                root, str(target.name), f"{cell[:40]!r}: {error}", f"set metric in {YAML} to what fits the target"
            ) from error


def check_ids(folder: Path, files: Sequence[ProvidedFile], tables: Tables, ids: tuple[str, ...]) -> None:
    """The sample submission must name the test rows, each as often as the test table has it."""
    path = _path(folder, files, "sample_submission")
    if len(tables.sample) != len(tables.test):
        raise CompetitionError(
            path, None, f"{len(tables.sample)} rows, but the test table has {len(tables.test)}", "give one row for each test row"
        )
    if ids:
        names = list(ids)
        sample, test = (pd.MultiIndex.from_frame(table[names]).value_counts() for table in (tables.sample, tables.test))
        if not sample.sort_index().equals(test.sort_index()):
            wrong = sample.index.symmetric_difference(test.index).tolist()[:SHOWN] or "repeated ids"
            raise CompetitionError(
                path, ", ".join(ids), f"ids differ from the test table's, such as {wrong}", "write the ids as they are in the test table"
            )
