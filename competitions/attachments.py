"""Finding the files that belong to rows, by their names: which folder or archive holds one file, or one folder, a row."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from competitions.errors import CompetitionError
from competitions.model import ProvidedFile, RowRole
from competitions.rowfiles import member_names, parse_pattern
from competitions.tables import zipped_table

COVERED = 0.9
"""Share of a side's rows that must have a file."""
STRAY = 0.05
"""Share of the training rows that further files may name by chance."""
KEY_DISTINCT = 0.5
MOST_PLACES = 40
"""Folders beside each other that are tried one by one; beyond, and where none alone has all rows, they are one place ('*')."""

Places = dict[str, tuple[set[str], set[str]]]
"""pattern -> keys of train, keys of test that it has files for."""


def infer_row_files(
    folder: Path, files: Sequence[ProvidedFile], train: pd.DataFrame, test: pd.DataFrame, ids: Sequence[str]
) -> tuple[ProvidedFile, ...]:
    """The files with the roles of folders and archives whose members belong to rows filled in.

    What both sides' rows have in one place is shared; a place of training rows alone has a twin of test rows, or holds labels.

    Raises:
        CompetitionError: further files there name training rows too, so that it is not plain what belongs to held-out rows.
    """
    if not any(file.role == "shared" and is_container(folder / file.path) for file in files):
        return tuple(files)
    keys = [name for name in (*ids, *test.columns) if name in train.columns and _may_be_key(train[name])]
    found: list[tuple[ProvidedFile, str, bool, bool]] = []
    for file in files:
        if file.role == "shared" and is_container(folder / file.path):
            for pattern, (here, there) in _places(member_names(folder / file.path), keys, train, test).items():
                column = parse_pattern(pattern).column
                of_train, of_test = (len(side) >= COVERED * table[column].nunique() for side, table in ((here, train), (there, test)))
                found.append((file, pattern, of_train, of_test))
    restart = any(not set(train[name]).isdisjoint(test[name]) for name in keys)
    roles = _roles([(f"{file.path}/{pattern}", here, there) for file, pattern, here, there in found], restart)
    named = [
        ProvidedFile(path=file.path, role=role, members=pattern)
        for (file, pattern, _, _), role in zip(found, roles, strict=True)
        if role is not None
    ]
    taken = {one.path for one in named}
    for path in taken:
        _check_strays(folder, path, [one for one in named if one.path == path], train)
    return tuple(sorted([*(file for file in files if file.path not in taken), *named], key=lambda one: (one.path, one.members or "")))


def is_container(place: Path) -> bool:
    """A folder, or a zip archive that is no single table."""
    return place.is_dir() or (place.suffix.lower() == ".zip" and zipped_table(place) is None)


def _may_be_key(cells: pd.Series) -> bool:
    return bool(cells.nunique() > max(1, KEY_DISTINCT * len(cells)))


def _places(names: Sequence[str], columns: Sequence[str], train: pd.DataFrame, test: pd.DataFrame) -> Places:
    """Patterns that many members fit, for the first column that has any."""
    for column in columns:
        here, there = frozenset(train[column]), frozenset(test[column])
        keys = here | there
        exact: Places = defaultdict(lambda: (set(), set()))
        loose: Places = defaultdict(lambda: (set(), set()))
        for name in names:
            for prefix, key, suffix in _readings(name, keys):
                anywhere = "*/" * prefix.count("/")
                for places, start in ((exact, prefix), (loose, anywhere)):
                    of_train, of_test = places[f"{start}{{{column}}}{suffix}"]
                    of_train |= {key} & here
                    of_test |= {key} & there
        good = {pattern: sides for pattern, sides in exact.items() if _covers(sides, here, there)}
        good = good or {pattern: sides for pattern, sides in loose.items() if _covers(sides, here, there)}
        if good:
            return _plainest(good)
    return {}


def _readings(name: str, keys: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """(what stands before, key, suffix) for each way to read a row's key in a member's name."""
    parts = name.split("/")
    for depth, part in enumerate(parts):
        prefix, last = "".join(f"{one}/" for one in parts[:depth]), depth == len(parts) - 1
        if part in keys:
            yield prefix, part, "" if last else "/"
        if not last:
            continue
        stem, dot, ending = part.rpartition(".")
        if dot and stem in keys:
            yield prefix, stem, f".{ending}"
        for mark in re.finditer(r"[_\-.]", stem or part):
            if part[: mark.start()] in keys:
                yield prefix, part[: mark.start()], f"{mark[0]}*{dot}{ending}"


def _covers(sides: tuple[set[str], set[str]], here: frozenset[str], there: frozenset[str]) -> bool:
    return len(sides[0]) >= COVERED * len(here) or len(sides[1]) >= COVERED * len(there)


def _plainest(places: Places) -> Places:
    """Of patterns that read the same files, the one with the fewest stars."""
    kept: Places = {}
    for pattern in sorted(places, key=lambda one: (one.count("*"), one)):
        plain = re.sub(r"[_\-.]\*", "", pattern)
        if not any(plain == re.sub(r"[_\-.]\*", "", other) for other in kept):
            kept[pattern] = places[pattern]
    return kept


def _roles(places: Sequence[tuple[str, bool, bool]], restart: bool) -> list[RowRole | None]:
    """By the names where ids restart on both sides ('train' has a twin 'test'), else by the rows that have files; none: shared."""
    names = {name.lower() for name, _, _ in places}
    roles: list[RowRole | None] = []
    for name, here, there in places:
        low = name.lower()
        side = "train" if "train" in low else "test" if "test" in low else ""
        if here and side == "train" and low.replace("train", "test") in names:
            roles.append("train_files")
        elif there and side == "test":
            roles.append("test_files")
        elif here and there and not (restart and side == "train"):
            roles.append(None)
        elif here:
            roles.append("train_files" if _lonely_twin(places, name) else "label_files")
        else:
            roles.append("test_files")
    return roles


def _lonely_twin(places: Sequence[tuple[str, bool, bool]], name: str) -> bool:
    """Whether it is the only place of training rows, and there is one of test rows alone: their names need not be alike."""
    trains = [other for other, here, _ in places if here]
    tests = [other for other, here, there in places if there and not here]
    return trains == [name] and len(tests) == 1


def _check_strays(folder: Path, path: str, named: Sequence[ProvidedFile], train: pd.DataFrame) -> None:
    patterns = [parse_pattern(str(one.members)) for one in named]
    rest = [name for name in member_names(folder / path) if not any(one.expression.fullmatch(name) for one in patterns)]
    keys = frozenset(train[patterns[0].column])
    strays = {key: name for name in rest for _, key, _ in _readings(name, keys)}
    if len(strays) > STRAY * len(keys):
        raise CompetitionError(
            folder / path, "files", f"further files name training rows, such as {next(iter(strays.values()))!r}",
            "give each kind a role and its members in competition.yaml, such as {role: label_files, members: 'train/{id}_mask.png'}",
        )  # fmt: skip
