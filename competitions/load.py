"""Loading a competition: its folder's layout, competition.yaml, and what is inferred of the rest."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from competitions import infer
from competitions.attachments import infer_row_files
from competitions.beside import Beside
from competitions.checks import check_columns, check_complete, check_files, check_ids, check_members, check_metric, target_cells
from competitions.custom import CUSTOM, SCRIPT, Custom, custom_metric
from competitions.custom_checks import check_custom
from competitions.declaration import Declaration, read_declaration
from competitions.errors import Ambiguity, CompetitionError
from competitions.evidence import positive_class_from_words
from competitions.metrics import METRICS, OTHER_NAMES
from competitions.model import Competition, ProvidedFile, Task, Validation
from competitions.picture_targets import infer_picture_targets
from competitions.relation import given_folds, infer_validation
from competitions.remembered import cache_folder, remembered, signature
from competitions.sources import YAML, Tables, given_tables

PLACES = ("folder", "answers", "leaderboard", "script")
"""Fields that are not written down with a competition."""


def load_competition(path: Path | str, data: Path | str | None = None) -> Competition:
    """Read a competition from a folder with competition.yaml, MLE-bench's prepared layout, or a plain folder of files.

    `data` is the data folder where it lies elsewhere. What competition.yaml leaves out is inferred from the files. What took long is
    remembered as long as no file changes.

    Raises:
        CompetitionError: something is missing or does not fit together.
    """
    path = Path(path).expanduser().resolve()
    if not path.exists():
        raise CompetitionError(path, None, "there is no such folder", "give the competition's folder")
    root, declared = (path.parent, read_declaration(path)) if path.is_file() else (path, read_declaration(path / YAML))
    folder = _data_folder(root, declared, data)
    every = [place for place in {root, folder} for place in place.rglob("*") if place.is_file()]

    def make() -> dict[str, Any]:
        made = _inferred(root, folder, declared)
        return made.model_dump(mode="json") | {name: str(getattr(made, name)) for name in PLACES if getattr(made, name) is not None}

    kept = cache_folder() / "competitions" / f"{signature(every)}-{hashlib.sha256(f'{path}{folder}'.encode()).hexdigest()[:16]}.json"
    return Competition.model_validate(remembered(kept, make))


def _inferred(root: Path, folder: Path, declared: Declaration) -> Competition:
    """The competition, what is not declared being read off its files."""
    beside = Beside(root, declared)
    files = declared.files or infer.provided_files(folder, beside.paths)
    check_files(root, folder, files, beside.paths)
    description = declared.description if declared.description is not None else _description(folder, files)
    pixels = declared.pixels
    if declared.files is None:
        if pictures := infer_picture_targets(folder, files):
            files, found = pictures
            pixels = pixels or found
        else:
            files = _with_labels(folder, files, declared.id_columns)
    tables = given_tables(folder, files, declared.id_columns, pixels)
    ids = declared.id_columns if declared.id_columns is not None else infer.id_columns(tables)
    prediction = declared.prediction_columns or tuple(name for name in tables.sample.columns if name not in ids)
    check_columns(folder, files, tables, ids, prediction)
    if declared.files is None and pixels is None:
        files = infer_row_files(folder, files, tables.train, tables.test, ids)
    check_members(root, files, tables)
    targets = declared.target_columns or (prediction if pixels else infer.target_columns(tables, prediction, folder))
    goal = (
        _of_pictures(root, declared, description)
        if pixels
        else _goal(root, folder, declared, beside.custom, description, files, tables, targets, prediction)
    )
    for name in targets:
        infer.check_shared(folder, files, ids, name, prediction)
    if pixels is None:
        check_ids(folder, files, tables, ids)
    made = Competition(
        id=declared.id or _identity(root),
        description=description,
        metric=goal.metric,
        metric_evidence=goal.evidence,
        task=goal.task,
        id_columns=ids,
        target_columns=targets,
        prediction_columns=prediction,
        classes=goal.classes,
        positive_class=_positive_class(root, declared, goal.task, description, goal.classes),
        pixels=pixels,
        files=files,
        validation=_validation(root, declared, beside.custom, goal.task, tables, ids, targets),
        folder=folder,
        answers=beside.answers(prediction),
        leaderboard=beside.leaderboard,
        script=beside.script,
    )
    if made.script is not None:
        check_custom(made, tables)
    return made


class Goal(NamedTuple):
    """What is asked for, and how it is judged."""

    metric: str
    evidence: str
    task: Task
    classes: tuple[str, ...]


def _goal(
    root: Path,
    folder: Path,
    declared: Declaration,
    custom: Custom | None,
    description: str,
    files: Sequence[ProvidedFile],
    tables: Tables,
    targets: tuple[str, ...],
    prediction: tuple[str, ...],
) -> Goal:
    """Metric, task and classes, from the words of the description and the values of the targets."""
    if len(targets) > 1 and len(targets) != len(prediction):
        raise CompetitionError(
            root / YAML, "target_columns", list(targets), f"several targets need one prediction column each: {list(prediction)}"
        )
    columns = [target_cells(folder, files, tables, name) for name in targets]
    text = len(targets) == 1 and infer.span_of(tables, targets[0]) is not None
    name, evidence = _metric(root, declared, custom, description, columns[0], tables.sample[list(prediction)], len(targets), text)
    metric = custom_metric(custom) if name == CUSTOM and custom else METRICS[name]
    task = declared.task or infer.task(metric.prediction, columns[0], len(targets))
    may_be_empty = task in ("text", "mask")
    for column in columns:
        check_complete(folder, files, column, may_be_empty)
    classes = () if task in ("regression", "text", "mask") else infer.classes(columns[0], task == "tags")
    for column in columns:
        check_metric(root, metric, task, column, infer.classes(column) if classes else ())
        if classes and len(columns) > 1 and infer.classes(column) != classes:
            raise CompetitionError(
                root, "target_columns", list(targets), f"several targets must have the same two classes; choose in {YAML}"
            )
    if len(targets) == 1 and len(prediction) > 1:
        spelled = infer.spelled_alike(prediction, classes)
        if spelled is None or metric.prediction != "probability":
            raise CompetitionError(root, "prediction_columns", list(prediction), f"must be one column a class: {list(classes)}")
        classes = classes if set(prediction) == set(classes) else spelled
    return Goal(name, evidence, task, classes)


def _of_pictures(root: Path, declared: Declaration, description: str) -> Goal:
    """Pictures as targets are numbers."""
    numbers = pd.Series(["0.0", "0.5", "1.0"])
    metric, evidence = _metric(root, declared, None, description, numbers, pd.DataFrame(), 1, False)
    if METRICS[metric].prediction != "number":
        raise CompetitionError(root, "metric", f"{metric} does not fit pictures as targets", f"set metric in {YAML}, such as rmse")
    return Goal(metric, evidence, "regression", ())


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


def _description(folder: Path, files: tuple[ProvidedFile, ...]) -> str:
    path = next((folder / file.path for file in files if file.role == "description"), None)
    return path.read_text(encoding="utf-8", errors="replace") if path else ""


def _with_labels(folder: Path, files: tuple[ProvidedFile, ...], ids: tuple[str, ...] | None) -> tuple[ProvidedFile, ...]:
    """The files with the role of the labels' table filled in, where the training table has none."""
    tables = given_tables(folder, files, ids)
    path = infer.labels_file(folder, files, tables.train, None if tables.test_face is None else tables.test, tables.sample)
    return tuple(ProvidedFile(path=file.path, role="labels") if file.path == path else file for file in files)


def _metric(
    root: Path,
    declared: Declaration,
    custom: Custom | None,
    description: str,
    target: pd.Series,
    sample: pd.DataFrame,
    targets: int,
    text: bool,
) -> tuple[str, str]:
    if custom is not None and custom.score is not None:
        if declared.metric not in (None, CUSTOM):
            raise CompetitionError(root / YAML, "metric", declared.metric, f"{SCRIPT} has a score: take away the one or the other")
        return CUSTOM, custom.explained("score")
    if declared.metric is None:
        return infer.metric(description, target, sample, targets, text)
    name = OTHER_NAMES.get(declared.metric.lower().replace("-", "_"), declared.metric)
    if name not in METRICS:
        raise CompetitionError(root / YAML, "metric", declared.metric, f"choose one of {', '.join(METRICS)}")
    return name, declared.metric_evidence


def _positive_class(root: Path, declared: Declaration, task: Task, description: str, classes: tuple[str, ...]) -> str | None:
    if task not in {"binary", "multilabel"}:
        return None
    if declared.positive_class is not None and declared.positive_class not in classes:
        raise CompetitionError(root / YAML, "positive_class", declared.positive_class, f"choose one of {list(classes)}")
    return declared.positive_class or positive_class_from_words(description, classes) or classes[-1]


def _validation(
    root: Path,
    declared: Declaration,
    custom: Custom | None,
    task: Task,
    tables: Tables,
    ids: tuple[str, ...],
    targets: tuple[str, ...],
) -> Validation:
    if custom is not None and custom.split is not None:
        if declared.validation is not None and declared.validation.split != CUSTOM:
            raise CompetitionError(
                root / YAML, "validation.split", declared.validation.split, f"{SCRIPT} has a split: write 'split: {CUSTOM}'"
            )
        folds = declared.validation.folds if declared.validation is not None else None
        return Validation(split=CUSTOM, folds=folds, evidence=custom.explained("split"))
    if declared.validation is None:
        try:
            return infer_validation(task, tables.train, tables.test, ids, targets)
        except ValueError as choices:
            raise Ambiguity(
                root / YAML, "validation", f"the test rows fit more than one rule: {choices}", "write the one that is meant, for instance "
                "'validation: {split: grouped, column: …}'",
            ) from choices  # fmt: skip
    column, split = declared.validation.column, declared.validation.split
    if split == CUSTOM:
        raise CompetitionError(
            root / YAML, "validation.split", split, f"{SCRIPT} has no split: define split(train, test, folds, seed) there"
        )
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
