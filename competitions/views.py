"""Views: the input folders that a candidate is run on, in which the labels to be predicted are physically absent."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from competitions.folds import Integers, assign_folds, keep_rows, number_of_folds
from competitions.load import read_tables
from competitions.model import Competition
from competitions.rowfiles import member_names, parse_pattern, placed_members, write_members
from competitions.rows import FoldRows, fold_rows, labels_of, sample_rows, shuffled
from competitions.tables import Face, read_table, write_table

FORMAT = 2
"""Part of every cache key; raised whenever the same parameters would give other files."""
SMOKE_ROWS = 500
FIDELITIES = ("smoke", "search", "full")
TRAVELLING_SHARE, TRAVELLING_ROWS = 4, 200_000
"""Real test rows go along with held-out rows up to 4 × the training rows, or 200,000."""
READ_ONLY = 0o444


@dataclass(frozen=True)
class View:
    """One input folder and what the harness alone knows about it."""

    folder: Path
    """What the solution sees as ./input; never altered."""
    fingerprint: str
    """SHA-256 of everything in it, hexadecimal; the part of a stored result's key that stands for the data."""
    fold: int | None
    """None: the final view, train on everything, test rows only."""
    ids: pd.DataFrame
    """The id columns of the view's test file, as text, in its order; no columns where the competition has no ids."""
    held_out: pd.Series
    """For each row of the view's test file: its position in the competition's training table, -1 for a real test row."""
    test: pd.Series
    """For each row of the view's test file: its position in the competition's test table, -1 for a held-out row."""


@dataclass(frozen=True)
class Predictions:
    """A valid submission, taken apart. Columns: the prediction columns (labels as text, else float64), then, where the solution
    wrote probabilities.csv, one column 'p:<class>' a class. Indexed by position in the competition's tables, sorted."""

    held_out: pd.DataFrame
    test: pd.DataFrame


class ViewSource(Protocol):
    """Where views come from: a competition's data, or the stacking view over members' predictions."""

    @property
    def competition(self) -> Competition: ...

    @property
    def folds(self) -> int:
        """How many folds an evaluation has; the same for all candidates."""
        ...

    def view(self, fidelity: str, fold: int | None) -> View:
        """Build the view, or take it from the cache. Deterministic."""
        ...

    def answers(self) -> pd.Series:
        """The training table's target, canonical (labels as text, numbers as float64; several: tuples of them), indexed by position."""
        ...


class Views:
    """The views of a competition whose rows lie in one table. Kept on disk under `cache`, keyed by the data and the parameters.

    A row's fold is the same in every fidelity. Not bound to a thread: two builders of one view leave one folder.
    """

    def __init__(self, competition: Competition, cache: Path, seed: int = 0, search_rows: int = 30_000, folds: int | None = None) -> None:
        """`folds`: none takes the competition's own number, or one by the size of the data (see folds.number_of_folds).

        Raises:
            CompetitionError: the files are gone, or too few rows for so many folds.
        """
        self._competition = competition
        self._cache = cache
        self._seed = seed
        self._search_rows = search_rows
        self._tables = read_tables(competition)
        self._folds = folds or competition.validation.folds or number_of_folds(self._tables.train)
        self._full = assign_folds(competition, self._tables.train, self._tables.test, self._folds, seed)
        self._views: dict[tuple[str, int | None], View] = {}

    @property
    def competition(self) -> Competition:
        return self._competition

    @property
    def folds(self) -> int:
        return self._folds

    def answers(self) -> pd.Series:
        """The training table's target: labels as text, numbers as float64; indexed by position. Several targets: tuples of them."""
        return canonical_target(self._competition, self._tables.train)

    def assignment(self, fidelity: str) -> Integers:
        """The fold number of each training row; -1: not in this fidelity's subsample; from `folds` up: never held out.

        Raises:
            ValueError: no such fidelity.
        """
        if fidelity not in FIDELITIES:
            raise ValueError(f"fidelity {fidelity!r} is none of {', '.join(FIDELITIES)}")
        rows = {"smoke": SMOKE_ROWS, "search": self._search_rows, "full": len(self._full)}[fidelity]
        labels = self._tables.train[self._competition.target] if self._competition.classes else None
        return keep_rows(self._full, labels, rows, self._seed)

    def travelling(self, fidelity: str) -> tuple[int, ...]:
        """Positions of the real test rows that every fold's test file has too: all, some (smoke), or none (ids overlap, too many)."""
        train, test = self._tables.train, self._tables.test
        if len(test) > max(TRAVELLING_SHARE * len(train), TRAVELLING_ROWS) or self._overlap:
            return ()
        if fidelity != "smoke":
            return tuple(range(len(test)))
        return tuple(sorted(shuffled(len(test), f"{self._seed}:smoke")[:SMOKE_ROWS]))

    def rows(self, fidelity: str, fold: int | None) -> FoldRows:
        """The tables of a view, cells as text."""
        if fold is not None and not 0 <= fold < self._folds:
            raise ValueError(f"fold {fold} is none of 0..{self._folds - 1}")
        ids, tables = self._competition.id_columns, self._tables
        return fold_rows(
            tables.train,
            tables.test,
            assignment=self.assignment(fidelity).tolist(),
            fold=fold,
            travelling=self.travelling(fidelity),
            id_columns=ids,
            seed=self._seed,
        )

    def view(self, fidelity: str, fold: int | None) -> View:
        """Build the view, or take it from the cache. Deterministic; the files are read-only.

        Raises:
            ValueError: no such fidelity or fold.
        """
        known = self._views.get((fidelity, fold))
        if known is None or not known.folder.is_dir():
            known = self._views[fidelity, fold] = self._stored(fidelity, fold)
        return known

    def _stored(self, fidelity: str, fold: int | None) -> View:
        place = self._cache / f"{self._competition.id}-{fidelity}-{'final' if fold is None else fold}-{self._key(fidelity, fold)[:16]}"
        if not place.is_dir():
            with _built(place) as partial:
                self._build(self.rows(fidelity, fold), partial)
        positions = np.load(place / "positions.npy")
        ids, _ = read_table(place / "ids.csv")
        fingerprint = (place / "fingerprint").read_text()
        return View(
            place / "input", fingerprint, fold, ids[list(self._competition.id_columns)], pd.Series(positions[0]), pd.Series(positions[1])
        )

    def _build(self, rows: FoldRows, place: Path) -> None:
        """Write the input folder and, beside it, what the harness alone knows."""
        competition, tables = self._competition, self._tables
        folder = place / "input"
        folder.mkdir()
        sample = sample_rows(tables.sample, rows.test, competition.id_columns)
        written = [
            (competition.path("train"), rows.train[list(tables.train_columns)], tables.train_face),
            (competition.path("sample_submission"), sample, tables.sample_face),
        ]
        if tables.labels is not None and tables.labels_face is not None:
            written.append((competition.path("labels"), labels_of(rows.train, tables.labels), tables.labels_face))
        if tables.test_face is not None:
            written.append((competition.path("test"), rows.test, tables.test_face))
        for path, frame, face in written:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_table(frame, folder / path, face)
        for path in competition.shared:
            _link_all(self._kept / path, folder / path)
        if competition.row_files:
            test, held = rows.test, np.array(rows.held_out) >= 0
            placed = placed_members(self._members, competition.row_files, rows.train, test[held], test[~held])
            write_members(self._kept, folder, placed, _link)
        ids = rows.test[list(competition.id_columns)].assign(**{"": [str(i) for i in range(len(rows.test))]})
        write_table(ids, place / "ids.csv", Face())
        np.save(place / "positions.npy", np.array([rows.held_out, rows.test_rows], dtype=np.int64))
        (place / "fingerprint").write_text(folder_fingerprint(folder))
        for file in folder.rglob("*"):
            if file.is_file():
                file.chmod(READ_ONLY)

    @cached_property
    def _overlap(self) -> bool:
        """Whether a test row has the ids of a training row, or its files the same name: then they cannot lie side by side."""
        tables, columns = self._tables, {parse_pattern(one.pattern).column for one in self._competition.row_files}
        keys = [self._competition.id_columns, *((column,) for column in sorted(columns))]
        return any(_overlap(tables.train, tables.test, names) for names in keys)

    @cached_property
    def _data(self) -> str:
        return folder_fingerprint(self._competition.folder, tuple(self._files({file.path for file in self._competition.files})))

    def _files(self, paths: Iterable[str]) -> Iterator[str]:
        """The files at these paths and in these folders."""
        folder = self._competition.folder
        for path in sorted(set(paths)):
            yield from ([f"{path}/{name}" for name in member_names(folder / path)] if (folder / path).is_dir() else [path])

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        """The members of each folder and archive of row files."""
        return {path: member_names(self._kept / path) for path in sorted({one.path for one in self._competition.row_files})}

    @cached_property
    def _kept(self) -> Path:
        """One copy of the files that are shared or belong to rows; the views link to it, so that a large file is not kept once a fold."""
        competition = self._competition
        place = self._cache / f"{competition.id}-files-{self._data[:16]}"
        if not place.is_dir():
            with _built(place) as partial:
                for path in self._files([*competition.shared, *(one.path for one in competition.row_files)]):
                    (partial / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(competition.folder / path, partial / path)
                    (partial / path).chmod(READ_ONLY)
                    os.utime(partial / path, (0, 0))  # when a row's file was made may tell its label
        return place

    def _key(self, fidelity: str, fold: int | None) -> str:
        described = self._competition.model_dump(mode="json", exclude={"description", "metric", "metric_evidence"})
        parameters = [FORMAT, self._data, described, self._seed, self._search_rows, self._folds, fidelity, fold]
        return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def canonical_target(competition: Competition, table: pd.DataFrame) -> pd.Series:
    """Labels as they are, numbers as float64; indexed by position. Several targets: tuples of them."""
    cells = table[list(competition.target_columns)].reset_index(drop=True)
    values = cells if competition.classes else cells.apply(pd.to_numeric).astype(float)
    return values.iloc[:, 0] if len(values.columns) == 1 else pd.Series(list(values.itertuples(index=False, name=None)), index=values.index)


def folder_fingerprint(folder: Path, paths: tuple[str, ...] | None = None) -> str:
    """SHA-256 of the files' paths and contents, hexadecimal; all files, unless they are named."""
    names = sorted(paths if paths is not None else (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    digest = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as file:
            digest.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


@contextmanager
def _built(place: Path) -> Iterator[Path]:
    """A folder to fill that gets its name only when it is complete; if another builder was first, its folder stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    try:
        yield partial
        try:
            partial.rename(place)
        except OSError:
            if not place.is_dir():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def _link_all(source: Path, target: Path) -> None:
    """Link a file, or every file of a folder."""
    for file in [path for path in source.rglob("*") if path.is_file()] if source.is_dir() else [source]:
        place = target / file.relative_to(source) if source.is_dir() else target
        place.parent.mkdir(parents=True, exist_ok=True)
        _link(file, place)


def _overlap(train: pd.DataFrame, test: pd.DataFrame, ids: tuple[str, ...]) -> bool:
    """Whether a row of the test table has the ids of a training row."""
    names = [name for name in ids if name in train.columns]
    if not names or len(names) < len(ids):
        return False
    keys: list[npt.NDArray[np.object_]] = [pd.MultiIndex.from_frame(table[names]).to_numpy() for table in (train, test)]
    return not set(keys[0]).isdisjoint(keys[1])
