"""Views: the input folders that a candidate is run on, in which the labels to be predicted are physically absent."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from competitions.custom import CUSTOM
from competitions.folds import Integers, assign_folds, keep_rows, number_of_folds
from competitions.model import Competition
from competitions.pixels import pixel_rows, pixel_sample, test_pictures
from competitions.remembered import remembered, signature
from competitions.rowfiles import member_names, parse_pattern, placed_members, write_members
from competitions.rows import FoldRows, fold_rows, labels_of, sample_rows, shuffled
from competitions.sources import Tables, header_of, read_tables, shared_tables
from competitions.tables import Face, write_table
from competitions.view import View, canonical_target
from competitions.view_files import built_folder, folder_fingerprint, link_all, link_file

FORMAT = 5
"""Part of every cache key; raised whenever the same parameters would give other files."""
SMOKE_ROWS = 500
FIDELITIES = ("smoke", "search", "full")
TRAVELLING_SHARE, TRAVELLING_ROWS = 4, 200_000
"""Real test rows go along with held-out rows up to 4 × the training rows, or 200,000; with those of a subsample, up to as many as it has:
each fold would predict them all, though the answer is then trained on all rows anyway."""
READ_ONLY = 0o444


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
        self._wanted = folds or competition.validation.folds
        given = [competition.folder / path for path in self._files({file.path for file in competition.files})]
        kept = cache / "known" / f"{signature(given)}-{self._described()[:16]}.json"
        known = remembered(kept, lambda: {"data": self._fingerprint(), "folds": self._count()}, seconds=0)
        self._data, self._folds = str(known["data"]), int(known["folds"])
        self._views: dict[tuple[str, int | None], View] = {}

    @cached_property
    def _tables(self) -> Tables:
        return read_tables(self._competition)

    @cached_property
    def _full(self) -> Integers:
        return assign_folds(self._competition, self._tables.train, self._tables.test, self._folds, self._seed)

    def _count(self) -> int:
        """The number of folds, if the rows can be dealt into so many."""
        self._folds = self._wanted or number_of_folds(self._tables.train)
        return self._folds if len(self._full) else 0

    @property
    def competition(self) -> Competition:
        return self._competition

    @property
    def folds(self) -> int:
        return self._folds

    def answers(self) -> pd.Series:
        """The training table's target: labels as text, numbers as float64; indexed by position. Several targets: tuples of them."""
        return self._answers

    @cached_property
    def _answers(self) -> pd.Series:
        return canonical_target(self._competition, self._tables.train)

    def assignment(self, fidelity: str) -> Integers:
        """The fold number of each training row; -1: not in this fidelity's subsample; from `folds` up: never held out.

        Raises:
            ValueError: no such fidelity.
        """
        if fidelity not in FIDELITIES:
            raise ValueError(f"fidelity {fidelity!r} is none of {', '.join(FIDELITIES)}")
        rows = {"smoke": SMOKE_ROWS, "search": self._search_rows, "full": len(self._full)}[fidelity]
        labels = self._tables.train[self._competition.target] if self._competition.task in ("binary", "multiclass", "multilabel") else None
        return keep_rows(self._full, labels, rows, self._seed)

    def travelling(self, fidelity: str) -> tuple[int, ...]:
        """Positions of the real test rows that every fold's test file has too: all, some (smoke), or none (ids overlap, too many)."""
        train, test = self._tables.train, self._tables.test
        if len(test) > max(TRAVELLING_SHARE * len(train), TRAVELLING_ROWS) or (self._overlap and not self.renumber):
            return ()
        if fidelity == "search" and self._search_rows < min(len(test), len(train)):
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
            renumber=self.renumber,
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
            with built_folder(place) as partial:
                self._build(self.rows(fidelity, fold), partial)
        positions = np.load(place / "positions.npy")
        ids = pd.read_parquet(place / "ids.parquet").reindex(range(positions.shape[1]))
        fingerprint = (place / "fingerprint").read_text()
        return View(place / "input", fingerprint, fold, ids, pd.Series(positions[0]), pd.Series(positions[1]))

    def _build(self, rows: FoldRows, place: Path) -> None:
        """Write the input folder and, beside it, what the harness alone knows."""
        competition, tables = self._competition, self._tables
        folder = place / "input"
        folder.mkdir()
        written: list[tuple[str, pd.DataFrame, Face]] = []
        if tables.train_face is not None:
            written.append((competition.path("train"), rows.train[list(tables.train_columns)], tables.train_face))
        if competition.pixels is None:
            sample = sample_rows(tables.sample, rows.test, competition.id_columns)
            written.append((competition.path("sample_submission"), sample, tables.sample_face))
        if tables.labels is not None and tables.labels_face is not None:
            written.append((competition.path("labels"), labels_of(rows.train, tables.labels), tables.labels_face))
        if tables.test_face is not None:
            written.append((competition.path("test"), rows.test, tables.test_face))
        for path, frame, face in written:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_table(frame, folder / path, face)
        for path in competition.shared:
            link_all(self._kept / path, folder / path)
        if competition.row_files:
            test, held = rows.test, np.array(rows.held_out) >= 0
            placed = placed_members(self._members, competition.row_files, rows.train, test[held], test[~held])
            write_members(self._kept, folder, placed, link_file)
        if competition.pixels is not None:  # the pictures, which tell how many rows there are, are in place
            pixels = pixel_rows(folder, test_pictures(competition), rows.test.iloc[:, 0].tolist(), competition.pixels)
            write_table(
                pixel_sample(tables.sample, pixels, competition.id_columns[0]),
                folder / competition.path("sample_submission"),
                tables.sample_face,
            )
        rows.test[list(competition.id_columns)].reset_index(drop=True).to_parquet(place / "ids.parquet")
        np.save(place / "positions.npy", np.array([rows.held_out, rows.test_rows], dtype=np.int64))
        (place / "fingerprint").write_text(folder_fingerprint(folder))
        for file in folder.rglob("*"):
            if file.is_file():
                file.chmod(READ_ONLY)

    @cached_property
    def renumber(self) -> bool:
        """Whether held-out rows get new ids, because some of theirs are those of test rows and nothing else refers to them."""
        ids, tables, competition = self._competition.id_columns, self._tables, self._competition
        if len(ids) != 1 or competition.row_files or tables.labels is not None or not self._overlap:
            return False
        (name,) = ids
        numbers = all(table[name].is_unique and table[name].str.fullmatch(r"\d{1,15}").all() for table in (tables.train, tables.test))
        return numbers and not any(name in header_of(path) for path in shared_tables(competition.folder, competition.files))

    @cached_property
    def _overlap(self) -> bool:
        """Whether a test row has the ids of a training row, or its files the same name: then they cannot lie side by side."""
        tables, columns = self._tables, {parse_pattern(one.pattern).column for one in self._competition.row_files}
        keys = [self._competition.id_columns, *((column,) for column in sorted(columns))]
        return any(_overlap(tables.train, tables.test, names) for names in keys)

    def _fingerprint(self) -> str:
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
            with built_folder(place) as partial:
                for path in self._files([*competition.shared, *(one.path for one in competition.row_files)]):
                    (partial / path).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(competition.folder / path, partial / path)
                    (partial / path).chmod(READ_ONLY)
                    os.utime(partial / path, (0, 0))  # when a row's file was made may tell its label
        return place

    def _key(self, fidelity: str, fold: int | None) -> str:
        parameters = [FORMAT, self._data, self._described(), self._search_rows, self._folds, fidelity, fold]
        return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()

    def _described(self) -> str:
        """What is known of the competition, and how it is cut, hexadecimal."""
        described = self._competition.model_dump(mode="json", exclude={"description", "metric", "metric_evidence"})
        script = self._competition.script
        by_script = script.read_text(encoding="utf-8") if script is not None and self._competition.validation.split == CUSTOM else ""
        return hashlib.sha256(json.dumps([described, self._seed, self._wanted, by_script], sort_keys=True).encode()).hexdigest()


def _overlap(train: pd.DataFrame, test: pd.DataFrame, ids: tuple[str, ...]) -> bool:
    """Whether a row of the test table has the ids of a training row."""
    names = [name for name in ids if name in train.columns]
    if not names or len(names) < len(ids):
        return False
    keys: list[npt.NDArray[np.object_]] = [pd.MultiIndex.from_frame(table[names]).to_numpy() for table in (train, test)]
    return not set(keys[0]).isdisjoint(keys[1])
