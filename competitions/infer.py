"""What is not written in competition.yaml is read off the files: one function a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from competitions.errors import CompetitionError
from competitions.evidence import metric_from_words
from competitions.metrics import METRICS
from competitions.model import ProvidedFile, Role, Task
from competitions.tables import Face, TableError, read_header, read_table

TABLE_ENDINGS = (".csv", ".tsv", ".csv.zip", ".tsv.zip")
FEW_CLASSES = 20
"""A whole-number target with at most so many values is taken for classes, unless the metric says otherwise."""
YAML = "competition.yaml"


@dataclass(frozen=True)
class Tables:
    """The three tables of a competition, cells as text, each with its face."""

    train: pd.DataFrame
    test: pd.DataFrame
    sample: pd.DataFrame
    train_face: Face
    test_face: Face
    sample_face: Face


def provided_files(folder: Path) -> tuple[ProvidedFile, ...]:
    """Every file of the data folder with its role, by its name."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and not _hidden(path, folder))
    tables = [path for path in paths if "/" not in path and path.lower().endswith(TABLE_ENDINGS)]
    roles: dict[str, Role] = {}
    samples = sorted((path for path in tables if re.search(r"submission", path, re.IGNORECASE)), key=_sample_preference)
    roles |= dict.fromkeys(samples[:1], "sample_submission")
    for role in ("train", "test"):
        roles |= dict.fromkeys([path for path in tables if path.lower().split(".")[0] == role][:1], role)
    roles |= dict.fromkeys([path for path in paths if path.lower() in ("description.md", "description.txt")][:1], "description")
    return tuple(ProvidedFile(path=path, role=roles.get(path, "shared")) for path in paths if path != YAML)


def _sample_preference(path: str) -> tuple[bool, int, str]:
    return not re.search(r"sample", path, re.IGNORECASE), len(path), path


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)


def read_role(folder: Path, files: Sequence[ProvidedFile], role: Role) -> tuple[pd.DataFrame, Face]:
    """The table with a role.

    Raises:
        CompetitionError: no file has the role, or it is no table with rows.
    """
    path = next((folder / file.path for file in files if file.role == role), None)
    if path is None or not path.is_file():
        expected = {"train": "train.csv", "test": "test.csv", "sample_submission": "sample_submission.csv"}.get(role, role)
        raise CompetitionError(path or folder, "files", f"no {role} table", f"add {expected} (or .tsv), or name the file in {YAML}")
    try:
        frame, face = _read_once(path, path.stat().st_mtime_ns, path.stat().st_size)
    except TableError as error:
        raise CompetitionError(path, None, error, "save it as a UTF-8 table with a header, separated by commas or tabs") from error
    if frame.empty:
        raise CompetitionError(path, None, "a header without rows", "the table needs at least one row")
    if len(frame.columns) == 1 and role == "train":
        raise CompetitionError(
            path, None, f"one column only, {frame.columns[0]!r}", "separate the columns by commas, tabs, semicolons or '|'"
        )
    return frame.copy(deep=False), face


@lru_cache(maxsize=6)
def _read_once(path: Path, _modified: int, _size: int) -> tuple[pd.DataFrame, Face]:
    """The tables of two competitions are kept in memory, as long as their files do not change."""
    return read_table(path)


def id_columns(tables: Tables) -> tuple[str, ...]:
    """The sample submission's columns that the test table has; none: rows are matched by their order."""
    return tuple(name for name in tables.sample.columns if name in tables.test.columns)


def target_columns(tables: Tables, prediction: Sequence[str], folder: Path) -> tuple[str, ...]:
    """What is to be predicted: a prediction column that train has; else a train-only column.

    Where the prediction columns are classes, it is the column that has them as its values; else the only one.

    Raises:
        CompetitionError: no column of train fits the sample submission.
    """
    if not prediction:
        raise CompetitionError(folder, "sample submission", "every column is in the test table too", "add the column to be predicted")
    direct = tuple(name for name in prediction if name in tables.train.columns)
    if len(direct) == len(prediction) == 1:
        return direct
    if len(direct) > 1:
        raise CompetitionError(folder, "target_columns", list(direct), f"one target is supported; choose one in {YAML}")
    only = [name for name in tables.train.columns if name not in tables.test.columns]
    labelled = [name for name in only if set(prediction) == set(tables.train[name])]
    if len(prediction) > 1 and labelled:
        return (labelled[0],)
    if len(prediction) == 1 and len(only) == 1:
        return (only[0],)
    raise CompetitionError(
        folder, "target_columns", f"no column of the training table fits {list(prediction)} of the sample submission", f"name it in {YAML}"
    )


def looks_like_classes(target: pd.Series) -> bool:
    """Text, or few distinct whole numbers."""
    numbers = pd.to_numeric(target, errors="coerce")
    if numbers.isna().any():
        return True
    return bool(target.nunique() <= FEW_CLASSES and (numbers % 1 == 0).all())


def metric(description: str, target: pd.Series, sample: pd.DataFrame) -> tuple[str, str]:
    """(metric, evidence): what the description names; else the usual one for the target and the sample's predictions."""
    if found := metric_from_words(description):
        return found[0], f"the description: “{found[1]}”"
    if not looks_like_classes(target):
        return "rmse", "the description names no metric; the target is a number"
    if len(sample.columns) > 1:
        return "log_loss", "the description names no metric; the submission has one column a class"
    if target.nunique() == 2 and not set(sample.iloc[:, 0]) <= set(target):
        return "roc_auc", "the description names no metric; two classes, and the sample submission holds no labels"
    return "accuracy", "the description names no metric; the submission holds labels"


def task(metric_name: str, target: pd.Series) -> Task:
    """Regression where the metric measures numbers, else by the number of classes."""
    if METRICS[metric_name].prediction == "number":
        return "regression"
    return "binary" if target.nunique() == 2 else "multiclass"


def classes(target: pd.Series) -> tuple[str, ...]:
    """The labels as text, sorted numerically where they are numbers."""
    labels = sorted(set(target))
    numbers = pd.to_numeric(pd.Series(labels, dtype=str), errors="coerce")
    if numbers.isna().any():
        return tuple(labels)
    return tuple(label for _, label in sorted(zip(numbers, labels, strict=True)))


def check_shared(folder: Path, files: Sequence[ProvidedFile], ids: Sequence[str], target: str) -> None:
    """A further table with ids and target would hand the held-out labels to every candidate.

    Raises:
        CompetitionError: there is such a table.
    """
    for file in files:
        if file.role != "shared" or not file.path.lower().endswith(TABLE_ENDINGS):
            continue
        try:
            header = read_header(folder / file.path)
        except TableError:
            continue  # no table after all, whatever its name
        if target in header and all(name in header for name in ids):
            raise CompetitionError(folder / file.path, target, "a further table with ids and target", "move it out of the data folder")
