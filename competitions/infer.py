"""What is not written in competition.yaml is read off the files: one function a question."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

import pandas as pd

from competitions.errors import CompetitionError
from competitions.evidence import metric_from_words
from competitions.metrics import METRICS
from competitions.model import ProvidedFile, Role, Task
from competitions.rows import Labels
from competitions.tables import ENDINGS, Face, TableError, read_header, read_table, zipped_table

TABLE_ENDINGS = (".zip", *(f"{ending}{packed}" for ending in ENDINGS for packed in ("", ".gz")))
LABEL_WORDS = frozenset({"label", "labels", "target", "targets", "answer", "answers"})
FEW_CLASSES = 20
"""A whole-number target with at most so many values is taken for classes, unless the metric says otherwise."""
YAML = "competition.yaml"


@dataclass(frozen=True)
class Tables:
    """The three tables of a competition, cells as text, each with its face. Without a test table the sample's ids stand for it."""

    train: pd.DataFrame
    test: pd.DataFrame
    sample: pd.DataFrame
    train_face: Face
    test_face: Face | None
    sample_face: Face
    train_columns: tuple[str, ...]
    """Of the training table's own file: without those that the labels' table adds."""
    labels: Labels | None = None
    labels_face: Face | None = None


def provided_files(folder: Path) -> tuple[ProvidedFile, ...]:
    """Every file and folder in the data folder with its role, by its name."""
    paths = sorted(path.name for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX")))
    tables = [path for path in paths if _is_table(folder / path)]
    roles: dict[str, Role] = {}
    samples = sorted((path for path in tables if re.search(r"submission", path, re.IGNORECASE)), key=_sample_preference)
    roles |= dict.fromkeys(samples[:1], "sample_submission")
    rest = [path for path in tables if path not in roles]
    for role in ("train", "test"):
        roles |= dict.fromkeys(_named_for(role, rest), role)
    roles |= dict.fromkeys([path for path in paths if path.lower() in ("description.md", "description.txt")][:1], "description")
    return tuple(ProvidedFile(path=path, role=roles.get(path, "shared")) for path in paths if path != YAML)


def _named_for(role: str, paths: Sequence[str]) -> list[str]:
    """The table that is called by its role, or else the one that has it in its name; one with labels only if there is no other."""
    words = {path: re.split(r"[^a-z]+", path.split(".")[0].lower()) for path in paths}
    exact = [path for path in paths if words[path] == [role]]
    named = [path for path in paths if set(words[path]) & ({"train", "training"} if role == "train" else {"test", "testing"})]
    plain = [path for path in named if not set(words[path]) & LABEL_WORDS]
    for found in (exact, plain, named if role == "train" else []):
        if len(found) == 1:
            return found
    return []


def labels_file(
    folder: Path, files: Sequence[ProvidedFile], train: pd.DataFrame, test: pd.DataFrame | None, sample: pd.DataFrame
) -> str | None:
    """The one further table that has what the sample submission asks for and the training table lacks; none where train has it.

    Raises:
        CompetitionError: there are several such tables.
    """
    known = {*(test if test is not None else sample[[name for name in sample if name in train]]).columns}
    if any(name not in known for name in train.columns):
        return None
    asked = [name for name in sample.columns if name not in known]
    found = []
    for path in shared_tables(folder, [file for file in files if "/" not in file.path]):
        header = header_of(path)
        labelled = bool(set(re.split(r"[^a-z]+", path.name.split(".")[0].lower())) & LABEL_WORDS)
        if set(header) & set(train.columns) and (set(header) & set(asked) or (labelled and set(header) - set(train.columns))):
            found.append(path.relative_to(folder).as_posix())
    if len(found) > 1:
        raise CompetitionError(folder, "files", found, f"several tables may hold the labels; give one of them the role labels in {YAML}")
    return found[0] if found else None


def _sample_preference(path: str) -> tuple[bool, int, str]:
    return not re.search(r"sample", path, re.IGNORECASE), len(path), path


def read_role(folder: Path, files: Sequence[ProvidedFile], role: Role) -> tuple[pd.DataFrame, Face]:
    """The table with a role.

    Raises:
        CompetitionError: no file has the role, or it is no table with rows.
    """
    path = next((folder / file.path for file in files if file.role == role), None)
    if path is None or not path.is_file():
        expected = {"train": "train.csv", "test": "test.csv", "sample_submission": "sample_submission.csv"}.get(role, f"{role}.csv")
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


def ids_of_sample(train: pd.DataFrame, sample: pd.DataFrame) -> tuple[str, ...]:
    """Without a test table: the sample's columns that train has too and that tell rows apart on both sides, else its first if it does."""
    telling = [name for name in sample.columns if sample[name].is_unique]
    both = tuple(name for name in telling if name in train.columns and train[name].is_unique)
    return both[:1] or tuple(name for name in telling[:1] if name == sample.columns[0])


def target_columns(tables: Tables, prediction: Sequence[str], folder: Path) -> tuple[str, ...]:
    """What is to be predicted: the prediction columns that train has, one or all; else a train-only column.

    Where the prediction columns are classes, it is the column that has them as its values, however spelled; else the only one.

    Raises:
        CompetitionError: no column of train fits the sample submission.
    """
    if not prediction:
        raise CompetitionError(folder, "sample submission", "every column is in the test table too", "add the column to be predicted")
    direct = tuple(name for name in prediction if name in tables.train.columns)
    if len(direct) == len(prediction):
        return direct
    only = [name for name in tables.train.columns if name not in tables.test.columns]
    labelled = [name for name in only if spelled_alike(prediction, set(tables.train[name])) is not None]
    if len(prediction) > 1 and labelled:
        return (labelled[0],)
    if len(prediction) == 1 and len(only) == 1:
        return (only[0],)
    raise CompetitionError(
        folder, "target_columns", f"no column of the training table fits {list(prediction)} of the sample submission", f"name it in {YAML}"
    )


def spelled_alike(columns: Sequence[str], labels: Collection[str]) -> tuple[str, ...] | None:
    """The label that each column stands for: 'prob_Setosa' or 'Class 1' for 'setosa' or '1'; none where they do not correspond."""
    if len(columns) != len(labels):
        return None
    if set(columns) == set(labels):
        return tuple(columns)
    plain = [re.sub(r"\.0+$", "", label) for label in labels]
    for names, values in ((columns, plain), (_apart(columns), plain), (_apart(columns), _apart(plain))):
        spelled = {_letters(value): label for value, label in zip(values, labels, strict=True)}
        found = [spelled.get(_letters(name)) for name in names]
        if len(set(found) - {None}) == len(columns):
            return tuple(str(label) for label in found)
    return None


def _apart(texts: Sequence[str]) -> list[str]:
    """The texts without what all of them begin and end with."""
    start = _common(texts)
    end = _common([text[start:][::-1] for text in texts])
    return [text[start : len(text) - end] for text in texts]


def _common(texts: Sequence[str]) -> int:
    """How many first letters all texts share."""
    return sum(1 for _ in takewhile(lambda marks: len(set(marks)) == 1, zip(*texts, strict=False)))


def _letters(text: str) -> str:
    return "".join(mark for mark in text.casefold() if mark.isalnum())


def looks_like_classes(target: pd.Series) -> bool:
    """Text, or few distinct whole numbers."""
    numbers = pd.to_numeric(target, errors="coerce")
    if numbers.isna().any():
        return True
    return bool(target.nunique() <= FEW_CLASSES and (numbers % 1 == 0).all())


def metric(description: str, target: pd.Series, sample: pd.DataFrame, targets: int = 1) -> tuple[str, str]:
    """(metric, evidence): what the description names; else the usual one for the target and the sample's predictions."""
    if found := metric_from_words(description):
        return found[0], f"the description: “{found[1]}”"
    if not looks_like_classes(target):
        return "rmse", "the description names no metric; the target is a number"
    if targets > 1:
        return "roc_auc", "the description names no metric; there are several targets of two classes"
    if len(sample.columns) > 1:
        return "log_loss", "the description names no metric; the submission has one column a class"
    if target.nunique() == 2 and not set(sample.iloc[:, 0]) <= set(target):
        return "roc_auc", "the description names no metric; two classes, and the sample submission holds no labels"
    return "accuracy", "the description names no metric; the submission holds labels"


def task(metric_name: str, target: pd.Series, targets: int = 1) -> Task:
    """Regression where the metric measures numbers, else by the number of classes."""
    if METRICS[metric_name].prediction == "number":
        return "regression"
    if targets > 1:
        return "multilabel"
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
    for path in shared_tables(folder, files):
        header = header_of(path)
        if target in header and all(name in header for name in ids):
            raise CompetitionError(path, target, "a further table with ids and target", "move it out of the data folder")


def shared_tables(folder: Path, files: Sequence[ProvidedFile]) -> list[Path]:
    """Files that are tables by their names and in every view, those in shared folders too."""
    shared = [folder / file.path for file in files if file.role == "shared"]
    below = [path for place in shared for path in (sorted(place.rglob("*")) if place.is_dir() else [place])]
    return [path for path in below if _is_table(path)]


def _is_table(path: Path) -> bool:
    """A table by its name; an archive by the name of its only member."""
    return (
        path.is_file() and path.name.lower().endswith(TABLE_ENDINGS) and (path.suffix.lower() != ".zip" or zipped_table(path) is not None)
    )


def header_of(path: Path) -> tuple[str, ...]:
    """The column names; none where it is no table after all, whatever its name."""
    try:
        return read_header(path)
    except TableError:
        return ()
