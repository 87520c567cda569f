"""The tables of a competition as they are given: reading each file once, joining labels that lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from competitions.attachments import is_container
from competitions.errors import CompetitionError
from competitions.model import Competition, Pixels, ProvidedFile, Role
from competitions.pixels import picture_tables
from competitions.rowfiles import Members
from competitions.rows import Labels, join_labels
from competitions.tables import ENDINGS, Face, TableError, read_header, read_table, zipped_table

YAML = "competition.yaml"
TABLE_ENDINGS = (".zip", *(f"{ending}{packed}" for ending in ENDINGS for packed in ("", ".gz")))


@dataclass(frozen=True)
class Tables:
    """The three tables of a competition, cells as text, each with its face. Without a test table the sample's ids stand for it."""

    train: pd.DataFrame
    test: pd.DataFrame
    sample: pd.DataFrame
    train_face: Face | None
    """None where pictures are the targets, and the training table is the list of them."""
    test_face: Face | None
    sample_face: Face
    train_columns: tuple[str, ...]
    """Of the training table's own file: without those that the labels' table adds."""
    labels: Labels | None = None
    labels_face: Face | None = None


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


def given_tables(folder: Path, files: Sequence[ProvidedFile], ids: tuple[str, ...] | None, pixels: Pixels | None = None) -> Tables:
    """The tables by the roles of the files.

    Raises:
        CompetitionError: a table is missing, broken, or does not fit the others.
    """
    if pixels is not None:
        return _of_pictures(folder, files, ids)
    train, train_face = read_role(folder, files, "train")
    sample, sample_face = read_role(folder, files, "sample_submission")
    has_test = any(file.role == "test" for file in files)
    if has_test:
        test, test_face = read_role(folder, files, "test")
    else:
        names = [name for name in (ids or ids_of_sample(train, sample)) if name in sample.columns]
        in_files = any(is_container(folder / file.path) for file in files)
        if not names or not (in_files or set(train.columns) <= set(sample.columns)):
            read_role(folder, files, "test")  # raises: nothing describes the test rows
        test, test_face = sample[names], None
    columns = tuple(map(str, train.columns))
    if not any(file.role == "labels" for file in files):
        return Tables(train, test, sample, train_face, test_face, sample_face, columns)
    labels, labels_face = read_role(folder, files, "labels")
    keys = [name for name in labels.columns if name in train.columns]
    try:
        joined, parts = join_labels(train, labels, keys)
    except ValueError as error:
        raise CompetitionError(
            folder / next(file.path for file in files if file.role == "labels"), None, error, "give each training row one line of labels"
        ) from error
    return Tables(joined, test, sample, train_face, test_face, sample_face, columns, parts, labels_face)


def ids_of_sample(train: pd.DataFrame, sample: pd.DataFrame) -> tuple[str, ...]:
    """Without a test table: the sample's columns that train has too and that tell rows apart on both sides, else its first if it does."""
    telling = [name for name in sample.columns if sample[name].is_unique]
    both = tuple(name for name in telling if name in train.columns and train[name].is_unique)
    return both[:1] or tuple(name for name in telling[:1] if name == sample.columns[0])


def _of_pictures(folder: Path, files: Sequence[ProvidedFile], ids: tuple[str, ...] | None) -> Tables:
    sample, face = read_role(folder, files, "sample_submission")
    members = [Members(file.path, file.role, str(file.members)) for file in files if file.members]
    name = ids[0] if ids else str(sample.columns[0])
    try:
        train, test = picture_tables(folder, members, name)
    except ValueError as error:
        raise CompetitionError(folder, "files", error, f"name them in {YAML}") from error
    return Tables(train, test, sample, None, None, face, ())


def read_tables(competition: Competition) -> Tables:
    """The competition's three tables.

    Raises:
        CompetitionError: a file is gone or is no table any more.
    """
    return given_tables(competition.folder, competition.files, competition.id_columns, competition.pixels)


def shared_tables(folder: Path, files: Sequence[ProvidedFile]) -> list[Path]:
    """Files that are tables by their names and in every view, those in shared folders too."""
    shared = [folder / file.path for file in files if file.role == "shared"]
    below = [path for place in shared for path in (sorted(place.rglob("*")) if place.is_dir() else [place])]
    return [path for path in below if is_table(path)]


def is_table(path: Path) -> bool:
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
