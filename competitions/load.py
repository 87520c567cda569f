"""Loading a competition: its folder's layout, competition.yaml, and what is inferred of the rest."""

from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from pydantic import Field, ValidationError

from competitions import infer
from competitions.attachments import infer_row_files, is_container
from competitions.errors import CompetitionError
from competitions.evidence import positive_class_from_words
from competitions.infer import YAML, Tables
from competitions.metrics import METRICS
from competitions.model import Competition, Model, ProvidedFile, Task, Validation
from competitions.relation import given_folds, infer_validation
from competitions.rowfiles import ROW_ROLES, parse_pattern
from competitions.rows import join_labels

WRITTEN = {
    "id",
    "metric",
    "metric_evidence",
    "task",
    "id_columns",
    "target_columns",
    "prediction_columns",
    "positive_class",
    "files",
    "validation",
}
SHOWN = 3


class Declaration(Model):
    """competition.yaml: whatever it leaves out is inferred."""

    id: str | None = None
    description: str | None = None
    metric: str | None = None
    metric_evidence: str = "competition.yaml"
    task: Task | None = None
    id_columns: tuple[str, ...] | None = None
    target_columns: tuple[str, ...] | None = Field(None, min_length=1)
    prediction_columns: tuple[str, ...] | None = Field(None, min_length=1)
    positive_class: str | None = None
    files: tuple[ProvidedFile, ...] | None = None
    validation: Validation | None = None
    data: Path | None = Field(None, description="the data folder, relative to competition.yaml")
    answers: Path | None = Field(None, description="private answers, relative to competition.yaml; only grading reads them")
    leaderboard: Path | None = None


def load_competition(path: Path | str, data: Path | str | None = None) -> Competition:
    """Read a competition from a folder with competition.yaml, MLE-bench's prepared layout, or a plain folder of files.

    `data` is the data folder where it lies elsewhere. What competition.yaml leaves out is inferred from the files.

    Raises:
        CompetitionError: something is missing or does not fit together.
    """
    path = Path(path).expanduser().resolve()
    if not path.exists():
        raise CompetitionError(path, None, "there is no such folder", "give the competition's folder")
    root, declared = (path.parent, _declaration(path)) if path.is_file() else (path, _declaration(path / YAML))
    folder = _data_folder(root, declared, data)
    files = declared.files or infer.provided_files(folder)
    _check_files(root, folder, files)
    description = declared.description if declared.description is not None else _description(folder, files)
    if declared.files is None:
        files = _with_labels(folder, files, declared.id_columns)
    tables = _tables(folder, files, declared.id_columns)
    ids = declared.id_columns if declared.id_columns is not None else infer.id_columns(tables)
    prediction = declared.prediction_columns or tuple(name for name in tables.sample.columns if name not in ids)
    _check_columns(folder, files, tables, ids, prediction)
    if declared.files is None:
        files = infer_row_files(folder, files, tables.train, tables.test, ids)
    _check_members(root, files, tables)
    targets = declared.target_columns or infer.target_columns(tables, prediction, folder)
    if len(targets) > 1 and len(targets) != len(prediction):
        raise CompetitionError(
            root / YAML, "target_columns", list(targets), f"several targets need one prediction column each: {list(prediction)}"
        )
    columns = [_target(folder, files, tables, name) for name in targets]
    target = columns[0]
    metric, evidence = _metric(root, declared, description, target, tables.sample[list(prediction)], len(targets))
    task = declared.task or infer.task(metric, target, len(targets))
    classes = () if task == "regression" else infer.classes(target)
    for column in columns:
        _check_metric(root, metric, task, column, infer.classes(column) if classes else ())
        if classes and infer.classes(column) != classes:
            raise CompetitionError(
                root, "target_columns", list(targets), f"several targets must have the same two classes; choose in {YAML}"
            )
    if len(targets) == 1 and len(prediction) > 1:
        spelled = infer.spelled_alike(prediction, classes)
        if spelled is None or METRICS[metric].prediction != "probability":
            raise CompetitionError(root, "prediction_columns", list(prediction), f"must be one column a class: {list(classes)}")
        classes = classes if set(prediction) == set(classes) else spelled
    positive = _positive_class(root, declared, task, description, classes)
    for name in targets:
        infer.check_shared(folder, files, ids, name)
    _check_ids(folder, files, tables, ids)
    return Competition(
        id=declared.id or _identity(root),
        description=description,
        metric=metric,
        metric_evidence=evidence,
        task=task,
        id_columns=ids,
        target_columns=targets,
        prediction_columns=prediction,
        classes=classes,
        positive_class=positive,
        files=files,
        validation=_validation(root, declared, task, tables, ids, targets),
        folder=folder,
        answers=_beside(root, declared.answers, "answers") or _answers(root, prediction),
        leaderboard=_beside(root, declared.leaderboard, "leaderboard") or _existing(root / "leaderboard.csv"),
    )


def write_competition_yaml(competition: Competition, path: Path) -> Path:
    """Write what is known of a competition as a competition.yaml that loads to the same; paths are kept relative where they can be."""
    values = competition.model_dump(mode="json", include=WRITTEN, exclude_none=True)
    places = {"data": competition.folder, "answers": competition.answers, "leaderboard": competition.leaderboard}
    values |= {name: _relative(place, path.parent) for name, place in places.items() if place is not None}
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=120)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    return partial.replace(path)


def _relative(place: Path, start: Path) -> str:
    start = start.resolve()
    return place.relative_to(start).as_posix() if place.is_relative_to(start) else str(place)


def _declaration(path: Path) -> Declaration:
    if not path.is_file():
        return Declaration()
    try:
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CompetitionError(path, None, " ".join(str(error).split()), "write valid YAML in UTF-8") from error
    if not isinstance(values, dict):
        raise CompetitionError(path, None, f"a {type(values).__name__}", "write fields, one a line, such as 'metric: rmse'")
    try:
        return Declaration.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        known = f"the fields are: {', '.join(Declaration.model_fields)}" if first["type"] == "extra_forbidden" else first["msg"]
        raise CompetitionError(path, field, repr(first["input"])[:200], known) from error


def _data_folder(root: Path, declared: Declaration, data: Path | str | None) -> Path:
    if data is not None or declared.data is not None:
        folder = Path(data).expanduser().resolve() if data is not None else (root / str(declared.data)).resolve()
        if not folder.is_dir():
            raise CompetitionError(root, "data", str(folder), "there is no such folder")
        return folder
    prepared = root / "prepared" / "public"
    return prepared if prepared.is_dir() else root


def _identity(root: Path) -> str:
    return root.parent.parent.name if root.parts[-2:] == ("prepared", "public") else root.name


def _check_files(root: Path, folder: Path, files: tuple[ProvidedFile, ...]) -> None:
    for file in files:
        target = (folder / file.path).resolve()
        if not target.is_relative_to(folder) or not target.exists():
            raise CompetitionError(root / YAML, "files", file.path, f"no such file below {folder}")
    for role in ("train", "test", "sample_submission"):
        paths = [file.path for file in files if file.role == role]
        if len(paths) > 1:
            raise CompetitionError(root / YAML, "files", paths, f"one file can have the role {role}")


def _description(folder: Path, files: tuple[ProvidedFile, ...]) -> str:
    path = next((folder / file.path for file in files if file.role == "description"), None)
    return path.read_text(encoding="utf-8", errors="replace") if path else ""


def _check_members(root: Path, files: tuple[ProvidedFile, ...], tables: Tables) -> None:
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


def _tables(folder: Path, files: tuple[ProvidedFile, ...], ids: tuple[str, ...] | None) -> Tables:
    train, train_face = infer.read_role(folder, files, "train")
    sample, sample_face = infer.read_role(folder, files, "sample_submission")
    has_test = any(file.role == "test" for file in files)
    if has_test:
        test, test_face = infer.read_role(folder, files, "test")
    else:
        names = [name for name in (ids or infer.ids_of_sample(train, sample)) if name in sample.columns]
        in_files = any(is_container(folder / file.path) for file in files)
        if not names or not (in_files or set(train.columns) <= set(sample.columns)):
            infer.read_role(folder, files, "test")  # raises: nothing describes the test rows
        test, test_face = sample[names], None
    columns = tuple(map(str, train.columns))
    if not any(file.role == "labels" for file in files):
        return Tables(train, test, sample, train_face, test_face, sample_face, columns)
    labels, labels_face = infer.read_role(folder, files, "labels")
    keys = [name for name in labels.columns if name in train.columns]
    try:
        joined, parts = join_labels(train, labels, keys)
    except ValueError as error:
        raise CompetitionError(_path(folder, files, "labels"), None, error, "give each training row one line of labels") from error
    return Tables(joined, test, sample, train_face, test_face, sample_face, columns, parts, labels_face)


def _with_labels(folder: Path, files: tuple[ProvidedFile, ...], ids: tuple[str, ...] | None) -> tuple[ProvidedFile, ...]:
    """The files with the role of the labels' table filled in, where the training table has none."""
    tables = _tables(folder, files, ids)
    path = infer.labels_file(folder, files, tables.train, None if tables.test_face is None else tables.test, tables.sample)
    return tuple(ProvidedFile(path=file.path, role="labels") if file.path == path else file for file in files)


def read_tables(competition: Competition) -> Tables:
    """The competition's three tables.

    Raises:
        CompetitionError: a file is gone or is no table any more.
    """
    return _tables(competition.folder, competition.files, competition.id_columns)


def _path(folder: Path, files: tuple[ProvidedFile, ...], role: str) -> Path:
    """The file with a role; the sample submission where there is none."""
    return folder / next((file.path for file in files if file.role == role), next(f.path for f in files if f.role == "sample_submission"))


def _check_columns(
    folder: Path, files: tuple[ProvidedFile, ...], tables: Tables, ids: tuple[str, ...], prediction: tuple[str, ...]
) -> None:
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


def _target(folder: Path, files: tuple[ProvidedFile, ...], tables: Tables, name: str) -> pd.Series:
    """The training table's target as text; complete, with at least two values."""
    path = _path(folder, files, "train")
    if name not in tables.train.columns:
        raise CompetitionError(
            path, name, f"the target is not among the columns {list(tables.train.columns)}", f"correct target_columns in {YAML}"
        )
    if name in tables.test.columns:
        raise CompetitionError(_path(folder, files, "test"), name, "the test table has the target", "take the column out of it")
    target = tables.train[name]
    missing = int((target == "").sum())
    if missing:
        raise CompetitionError(path, name, f"the target is missing in {missing} of {len(target)} rows", "remove these rows")
    if target.nunique() < 2:
        raise CompetitionError(path, name, f"the target is {target.iloc[0]!r} in every row", "a target needs two values at least")
    return target


def _metric(root: Path, declared: Declaration, description: str, target: pd.Series, sample: pd.DataFrame, targets: int) -> tuple[str, str]:
    if declared.metric is None:
        return infer.metric(description, target, sample, targets)
    if declared.metric not in METRICS:
        raise CompetitionError(root / YAML, "metric", declared.metric, f"choose one of {', '.join(METRICS)}")
    return declared.metric, declared.metric_evidence


def _check_metric(root: Path, name: str, task: Task, target: pd.Series, classes: tuple[str, ...]) -> None:
    metric, column = METRICS[name], target.name
    numbers = pd.to_numeric(target, errors="coerce")
    remedy = f"set metric (and task) in {YAML} to what fits the target {column!r}"
    if task not in metric.tasks and not (task == "multilabel" and "binary" in metric.tasks):
        raise CompetitionError(root, "metric", f"{name} does not fit a {task} target ({target.nunique()} distinct values)", remedy)
    if task in {"binary", "multilabel"} and len(classes) != 2:
        raise CompetitionError(root, "task", f"{task}, but {column!r} has {len(classes)} distinct values", remedy)
    if (task == "regression" or metric.numeric_labels) and numbers.isna().any():
        raise CompetitionError(root, "metric", f"{name} needs numbers, but {column!r} has {target[numbers.isna()].iloc[0]!r}", remedy)
    if metric.non_negative and (numbers < 0).any():
        raise CompetitionError(root, "metric", f"{name} needs targets from 0, but {column!r} goes down to {numbers.min():g}", remedy)


def _positive_class(root: Path, declared: Declaration, task: Task, description: str, classes: tuple[str, ...]) -> str | None:
    if task not in {"binary", "multilabel"}:
        return None
    if declared.positive_class is not None and declared.positive_class not in classes:
        raise CompetitionError(root / YAML, "positive_class", declared.positive_class, f"choose one of {list(classes)}")
    return declared.positive_class or positive_class_from_words(description, classes) or classes[-1]


def _validation(
    root: Path, declared: Declaration, task: Task, tables: Tables, ids: tuple[str, ...], targets: tuple[str, ...]
) -> Validation:
    if declared.validation is None:
        return infer_validation(task, tables.train, tables.test, ids, targets)
    column, split = declared.validation.column, declared.validation.split
    if split in ("grouped", "time", "blocks", "given") and column not in tables.train.columns:
        raise CompetitionError(root / YAML, "validation.column", column, f"a {split} split needs a column of the training table")
    if split == "blocks" and column not in tables.test.columns:
        raise CompetitionError(root / YAML, "validation.column", column, "blocks of time need a column that the test table has too")
    if split == "given" and declared.validation.folds is None:
        count = int(given_folds(tables.train[str(column)]).max()) + 1
        return declared.validation.model_copy(update={"folds": count})
    if split == "stratified" and task == "regression":
        raise CompetitionError(
            root / YAML, "validation.split", split, "a regression is split 'plain', 'grouped', by 'time', in 'blocks' or as 'given'"
        )
    return declared.validation


def _check_ids(folder: Path, files: tuple[ProvidedFile, ...], tables: Tables, ids: tuple[str, ...]) -> None:
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


def _beside(root: Path, path: Path | None, field: str) -> Path | None:
    if path is not None and not (root / path).is_file():
        raise CompetitionError(root / YAML, field, str(path), "there is no such file")
    return (root / path).resolve() if path is not None else None


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _answers(root: Path, prediction: tuple[str, ...]) -> Path | None:
    """MLE-bench's private answers: the first table that has the prediction columns, else the only one."""
    paths = sorted((root / "prepared" / "private").glob("*.csv"))
    return next((path for path in paths if set(prediction) <= set(infer.header_of(path))), paths[0] if len(paths) == 1 else None)
