"""The stacking view: members' out-of-fold predictions as a competition of their own, with the base's rows, labels and metric."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from competitions import Competition, Predictions, ProvidedFile, View, ViewSource, metric_of
from ensembles.describe import stack_description
from ensembles.stack import (
    INNER_FOLDS,
    StackRows,
    constant_sample,
    ids_by_position,
    member_columns,
    member_prefix,
    stack_rows,
    stack_tables,
    write_stack,
)

FORMAT = 1
"""Part of the cache's key: raised when the same members are to give other files."""

FILES = (
    ProvidedFile(path="train.csv", role="train"),
    ProvidedFile(path="test.csv", role="test"),
    ProvidedFile(path="sample_submission.csv", role="sample_submission"),
    ProvidedFile(path="description.md", role="description"),
)


class StackingError(ValueError):
    """The members cannot be stacked: one of them has not been run on all folds, or on other rows, or predicts no test rows."""


@dataclass(frozen=True)
class MemberPredictions:
    """What one candidate predicted on the folds of the base, in fold order; `final`, where it was run, on its final view."""

    number: int
    folds: Sequence[Predictions]
    final: Predictions | None = None


class StackingViews:
    """A ViewSource over members' predictions: training rows are out-of-fold rows, feature columns are the members' predictions.

    The view of fold f trains on the out-of-fold rows of all other folds, and its test rows are fold f's together with the real test
    rows as the fold's models predict them. Its final view trains on all of them; the test rows' predictions are those of the
    members' final views where every member has one, else the mean over the folds. Where the base has one holdout, its rows are dealt
    into five folds. Rows that no fold of the base holds out (beyond a subsample) do not occur. There is one fidelity: that of
    the members' predictions, whatever is asked for.

    Raises:
        StackingError: no members, or members that do not have the same rows in the same folds.
    """

    def __init__(self, base: ViewSource, members: Sequence[MemberPredictions], cache: Path, fidelity: str = "search") -> None:
        _check(members, base.folds)
        self._base = base
        self._members = tuple(members)
        self._fidelity = fidelity
        self._root = cache / f"stack-{self._key()[:32]}"
        self._views: dict[int | None, View] = {}

    @property
    def folds(self) -> int:
        return self._base.folds if self._base.folds > 1 else INNER_FOLDS

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What each member's columns begin with, in the order of the members."""
        return tuple(member_prefix(member.number) for member in self._members)

    @cached_property
    def competition(self) -> Competition:
        """The base's competition with the stacking view's files; its folder is the final view's."""
        base = self._base.competition
        description = stack_description(base.target_columns[0], self.prefixes, base.classes)
        return base.model_copy(update={"files": FILES, "folder": self._folder(None), "description": description})

    def answers(self) -> pd.Series:
        return self._base.answers()

    def view(self, fidelity: str, fold: int | None) -> View:  # noqa: ARG002 - there is one fidelity, see the class
        """Build the view, or take it from the cache; its files are read-only.

        Raises:
            ValueError: no such fold.
            StackingError: the final view, where the members have predicted no real test rows.
        """
        if fold is not None and not 0 <= fold < self.folds:
            raise ValueError(f"fold {fold} is none of 0..{self.folds - 1}")
        if fold not in self._views:
            self._views[fold] = self._build(fold)
        return self._views[fold]

    def _build(self, fold: int | None) -> View:
        competition = self._base.competition
        target = self.answers().rename(competition.target_columns[0])
        if fold not in self._rows.test:
            raise StackingError("members: the folds' views hold no real test rows; run every member on its final view first")
        train, rows, order = stack_tables(self._rows, target, *self._ids, fold)
        folder = self._folder(fold)
        if not folder.exists():
            sample = constant_sample(rows, competition.id_columns, sample_constants(competition))
            self._root.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(prefix=".building-", dir=self._root))
            try:
                write_stack(building, train, rows, sample, self.competition.description)
                _put_in_place(building, folder)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return View(
            folder=folder,
            fingerprint=_fingerprint(folder),
            fold=fold,
            ids=rows[list(competition.id_columns)].astype(str),
            held_out=order["held_out"],
            test=order["test"],
        )

    @cached_property
    def _rows(self) -> StackRows:
        finals = [self._columns(member, member.final.test) for member in self._members if member.final]
        return stack_rows(
            [[self._columns(member, fold.held_out) for fold in member.folds] for member in self._members],
            [[self._columns(member, fold.test) for fold in member.folds] for member in self._members],
            finals if len(finals) == len(self._members) else None,
            self.answers(),
            stratify=bool(self._base.competition.classes),
        )

    def _columns(self, member: MemberPredictions, predictions: pd.DataFrame) -> pd.DataFrame:
        competition = self._base.competition
        return member_columns(predictions, member_prefix(member.number), competition.classes, competition.positive_class)

    @cached_property
    def _ids(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Id columns of the out-of-fold rows and of the real test rows, as text, by position."""
        views = [self._base.view(self._fidelity, fold) for fold in range(self._base.folds)]
        held_out = pd.concat([ids_by_position(view.ids, view.held_out) for view in views]).sort_index()
        with_test = self._base.view(self._fidelity, None) if all(member.final for member in self._members) else views[0]
        return held_out, ids_by_position(with_test.ids, with_test.test)

    def _folder(self, fold: int | None) -> Path:
        return self._root / ("final" if fold is None else f"fold-{fold}")

    def _key(self) -> str:
        """SHA-256 of everything that the files are made of."""
        digest = hashlib.sha256()
        competition = self._base.competition.model_copy(update={"description": ""})
        digest.update(f"{FORMAT} {self._fidelity} {competition.model_dump_json()}".encode())
        digest.update(_bytes(self.answers().to_frame()))
        for fold in range(self._base.folds):
            digest.update(self._base.view(self._fidelity, fold).fingerprint.encode())
        for member in self._members:
            digest.update(f"member {member.number}".encode())
            for predictions in (*member.folds, *([member.final] if member.final else [])):
                digest.update(_bytes(predictions.held_out) + b"|" + _bytes(predictions.test))
        return digest.hexdigest()


def _check(members: Sequence[MemberPredictions], folds: int) -> None:
    if not members:
        raise StackingError("members: none given; an ensemble needs at least one")
    rows = [fold.held_out.index.sort_values() for fold in members[0].folds]
    for member in members:
        if len(member.folds) != folds:
            raise StackingError(
                f"member {member.number}: predictions of {len(member.folds)} folds, not {folds}; evaluate it on all folds first"
            )
        for number, fold in enumerate(member.folds):
            if not fold.held_out.index.sort_values().equals(rows[number]):
                first = members[0].number
                raise StackingError(f"member {member.number}, fold {number}: other held-out rows than member {first}; use one fidelity")


def sample_constants(competition: Competition) -> dict[str, object]:
    """What the sample submission holds in each prediction column."""
    columns = competition.prediction_columns
    match metric_of(competition).prediction:
        case "label":
            value: object = competition.classes[0]
        case "probability":
            value = 1 / max(len(columns), 2)
        case _:
            value = 0.0
    return dict.fromkeys(columns, value)


def _bytes(frame: pd.DataFrame) -> bytes:
    """The frame's content as bytes, its index and column names included."""
    hashes = pd.util.hash_pandas_object(frame, index=True).to_numpy()
    return " ".join(map(str, frame.columns)).encode() + bytes(hashes.tobytes())


def _fingerprint(folder: Path) -> str:
    """SHA-256 of the names and the content of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _put_in_place(building: Path, folder: Path) -> None:
    """Rename a finished folder, its files made read-only; where another process was first, its folder stays."""
    for path in building.iterdir():
        path.chmod(0o444)
    building.chmod(0o755)
    try:
        building.rename(folder)
    except OSError:
        if not folder.exists():
            raise
