"""Files that belong to rows: which of a folder's or an archive's members go into a view, and under which name.

Imports the standard library and pandas only, because generated scripts carry this module's source with them.
"""

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
ROW_ROLES = ("train_files", "test_files", "label_files")


class Members(NamedTuple):
    """The row files in one folder or zip archive."""

    path: str
    """Of the folder or archive, below the data folder."""
    role: str
    """'train_files', 'test_files', or 'label_files', which held-out rows lack."""
    pattern: str
    """A member's name: '{column}' stands for the row's value of that column, '*' for any text without '/', a '/' at the end for
    everything below that folder."""


class PatternParts(NamedTuple):
    """A pattern as a regular expression, and its column."""

    expression: "re.Pattern[str]"
    column: str


def parse_pattern(pattern: str) -> PatternParts:
    """Groups of the expression: 'key', and 'rest' where the pattern ends with '/'.

    Raises:
        ValueError: the pattern does not hold one column in braces.
    """
    found = re.fullmatch(r"([^{}]*)\{(.+)\}([^{}]*)", pattern)
    if found is None:
        raise ValueError(f"{pattern!r} must hold one column in braces, such as 'train/{{id}}.jpg'")
    before, after = (re.escape(part).replace(r"\*", "([^/]*)") for part in (found[1], found[3]))
    ending = "(?P<rest>.+)" if pattern.endswith("/") else ""
    return PatternParts(re.compile(f"{before}(?P<key>[^/]+?){after}{ending}", re.DOTALL), found[2])


def key_of(name: str, parts: PatternParts, keys: "set[str] | frozenset[str]") -> str | None:
    """The key that a member's name holds; where a '*' allows several, the one that is among `keys`."""
    found = parts.expression.fullmatch(name)
    if found is None or found["key"] in keys:
        return found["key"] if found else None
    longer = re.fullmatch(parts.expression.pattern.replace("[^/]+?", "[^/]+"), name, re.DOTALL)
    return longer["key"] if longer and longer["key"] in keys else found["key"]


def renamed(name: str, key: str, source: str, target: str) -> str:
    """What a member of the source pattern is called by the target pattern; what '*' stands for is kept where both have as many."""
    expression = parse_pattern(source).expression.pattern.replace("(?P<key>[^/]+?)", f"(?P<key>{re.escape(key)})")
    found = re.fullmatch(expression, name, re.DOTALL)
    if found is None:
        raise ValueError(f"{name!r} is no member {source!r} of {key!r}")
    named = set(found.re.groupindex.values())
    stars = [text for number, text in enumerate(found.groups(), 1) if number not in named]
    before, after = target.split("{", 1)[0], target.rsplit("}", 1)[1]
    stars = stars if len(stars) == (before + after).count("*") else [""] * (before + after).count("*")
    for text in stars:
        before, after = (before.replace("*", text, 1), after) if "*" in before else (before, after.replace("*", text, 1))
    return before + key + after + found.groupdict().get("rest", "")


def member_names(place: Path) -> list[str]:
    """The files in a folder (at any depth) or in a zip archive, sorted, '/'-separated."""
    if place.is_dir():
        below = (path.relative_to(place) for path in place.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in below if not any(part.startswith((".", "__MACOSX")) for part in path.parts))
    with zipfile.ZipFile(place) as archive:
        return sorted(name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX"))


def placed_members(
    names: "dict[str, list[str]]", members: Sequence[Members], train: pd.DataFrame, held_out: pd.DataFrame, test: pd.DataFrame
) -> "dict[str, list[tuple[str, str, str]]]":
    """For each folder or archive, what a view's holds: (its own name, source path, source name), sorted by its own name.

    `names` are the members of each path, `train` the view's training rows, `held_out` and `test` the rows of its test table. A training
    row's files stay; a held-out row's go where the test's are, its label files nowhere; members that no pattern fits are in every view.
    """
    placed: dict[str, list[tuple[str, str, str]]] = {path: [] for path in names}
    for path, everything in names.items():
        rest = set(everything)
        for one in (each for each in members if each.path == path):
            parts, twin = parse_pattern(one.pattern), twin_of(one, members) if one.role == "train_files" else None
            own, held = (frozenset(table[parts.column]) for table in (test if one.role == "test_files" else train, held_out))
            known = own if one.role == "test_files" else own | held
            for name in [name for name in everything if name in rest and parts.expression.fullmatch(name)]:
                rest.remove(name)
                key = key_of(name, parts, known)
                if key in own:
                    placed[path].append((name, path, name))
                if twin is not None and key in held:
                    placed[twin.path].append((renamed(name, str(key), one.pattern, twin.pattern), path, name))
        placed[path] += [(name, path, name) for name in rest]
    return {path: sorted(entries) for path, entries in placed.items()}


def twin_of(one: Members, members: Sequence[Members]) -> Members | None:
    """Where the test has what these members are for the training rows: of several places, the one named most alike."""
    others = [other for other in members if other.role == "test_files"]
    wanted = f"{one.path}/{one.pattern}".lower().replace("train", "test")
    return next((other for other in others if f"{other.path}/{other.pattern}".lower() == wanted), others[0] if others else None)


def write_members(
    source: Path, target: Path, placed: "dict[str, list[tuple[str, str, str]]]", put: "Callable[[Path, Path], object]"
) -> None:
    """Write the folders and archives of a view. `put(file, place)` links or copies a file of a folder; dates say nothing."""
    for path, entries in placed.items():
        place = target / path
        if (source / path).is_dir():
            place.mkdir(parents=True, exist_ok=True)
            for name, origin, old in entries:
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                _from_anywhere(source / origin, old, place / name, put)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write_archive(source, place, entries)


def _from_anywhere(origin: Path, old: str, place: Path, put: "Callable[[Path, Path], object]") -> None:
    if origin.is_dir():
        put(origin / old, place)
        return
    with zipfile.ZipFile(origin) as archive, archive.open(old) as file, place.open("wb") as written:
        shutil.copyfileobj(file, written)
    os.utime(place, (0, 0))


def _write_archive(source: Path, place: Path, entries: "Iterable[tuple[str, str, str]]") -> None:
    opened: dict[str, zipfile.ZipFile] = {}
    try:
        with zipfile.ZipFile(place, "w") as archive:
            for name, origin, old in entries:
                info = zipfile.ZipInfo(name, FIRST_DAY)
                info.external_attr = 0o644 << 16
                if (source / origin).is_dir():
                    archive.writestr(info, (source / origin / old).read_bytes(), zipfile.ZIP_STORED)
                    continue
                if origin not in opened:
                    opened[origin] = zipfile.ZipFile(source / origin)
                packed = opened[origin].getinfo(old)
                archive.writestr(info, opened[origin].read(packed), packed.compress_type)
    finally:
        for one in opened.values():
            one.close()
