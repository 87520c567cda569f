"""Pictures as targets: the submission has a row for each pixel, the tables one for each picture.

Imports the standard library, numpy and pandas (pictures: Pillow), because generated scripts carry this module's source with them.
"""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from competitions.rowfiles import Members, key_of, member_names, parse_pattern

IMAGE, ROW, COLUMN = "{image}", "{row}", "{column}"


class PixelRows(NamedTuple):
    """The rows of a submission for some pictures, pixel after pixel of one picture after the other."""

    ids: list[str]
    sizes: list[tuple[int, int]]
    """(height, width) of each picture."""


def named_members(folder: Path, one: Members) -> dict[str, str]:
    """key of a row -> its member's name; keys that are numbers in their order."""
    parts = parse_pattern(one.pattern)
    found = {str(key_of(name, parts, frozenset())): name for name in member_names(folder / one.path) if parts.expression.fullmatch(name)}
    return {key: found[key] for key in sorted(found, key=lambda key: (len(key), key) if key.isdecimal() else (10**6, key))}


def picture_tables(folder: Path, members: Sequence[Members], name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(train, test): one column of keys, of the pictures that have a label picture and of the test's.

    Raises:
        ValueError: one of the three kinds of pictures is missing.
    """
    kinds = {role: [one for one in members if one.role == role] for role in ("train_files", "label_files", "test_files")}
    if lacking := [role for role, found in kinds.items() if len(found) != 1]:
        raise ValueError(f"pictures as targets need one place each of train_files, label_files and test_files; {lacking[0]} is not so")
    given, labels, test = (named_members(folder, kinds[role][0]) for role in kinds)
    return tuple(pd.DataFrame({name: keys}, dtype=str) for keys in ([key for key in given if key in labels], list(test)))  # type: ignore[return-value]


def test_pictures(competition: Any) -> Members:
    """Where the test rows' pictures lie."""
    return next(one for one in map(Members._make, competition.row_files) if one.role == "test_files")


def grey_pictures(folder: Path, one: Members, keys: Sequence[str], scale: float) -> list[npt.NDArray[np.float64]]:
    """Each row's picture, grey values by `scale`, row after row."""
    return [np.asarray(picture.convert("L"), dtype=float).ravel() / scale for picture in _opened(folder, one, keys)]


def pixel_rows(folder: Path, one: Members, keys: Sequence[str], pixels: Any) -> PixelRows:
    """What the submission must have a row for; `pixels` is the competition's record."""
    sizes = [(picture.height, picture.width) for picture in _opened(folder, one, keys)]
    ids: list[str] = []
    first = pixels.first
    for key, (height, width) in zip(keys, sizes, strict=True):
        start, middle, end, row_first = _pieces(pixels.id_pattern.replace(IMAGE, key))
        numbers = [str(number) for number in range(first, first + max(height, width))]
        if row_first:
            ids += [f"{start}{row}{middle}{column}{end}" for row in numbers[:height] for column in numbers[:width]]
        else:
            ids += [f"{start}{column}{middle}{row}{end}" for row in numbers[:height] for column in numbers[:width]]
    return PixelRows(ids, sizes)


def pixel_sample(sample: pd.DataFrame, rows: PixelRows, id_column: str) -> pd.DataFrame:
    """A sample submission for these pictures; every prediction is the given sample's first."""
    first = sample.iloc[0]
    columns = {name: rows.ids if name == id_column else [str(first[name])] * len(rows.ids) for name in sample.columns}
    return pd.DataFrame(columns, columns=sample.columns, dtype=str)


def by_picture(values: npt.NDArray[np.float64], sizes: Sequence[tuple[int, int]]) -> pd.Series:
    """One array a picture, row after row, from the pixels of all of them."""
    return pd.Series(np.split(values, np.cumsum([height * width for height, width in sizes])[:-1]), dtype=object)


def matching_pattern(ids: Sequence[str], keys: Sequence[str]) -> tuple[str, int] | None:
    """(pattern, first number) of ids such as '3_1_1', the picture's key being one of `keys`; none where they are not so."""
    expression = re.compile(r"(.+?)([_\-x, ])(\d+)([_\-x, ])(\d+)")
    known, numbers = set(keys), []
    marks = None
    for text in ids[:: max(1, len(ids) // 5000)]:
        found = expression.fullmatch(text)
        if found is None or found[1] not in known or (marks or (found[2], found[4])) != (found[2], found[4]):
            return None
        marks = (found[2], found[4])
        numbers.append(min(int(found[3]), int(found[5])))
    return (f"{IMAGE}{marks[0]}{ROW}{marks[1]}{COLUMN}", min(numbers)) if marks else None


def _pieces(pattern: str) -> tuple[str, str, str, bool]:
    """What stands before, between and after the two numbers, and whether the row is the first of them."""
    row_first = pattern.index(ROW) < pattern.index(COLUMN)
    one, other = (ROW, COLUMN) if row_first else (COLUMN, ROW)
    start, rest = pattern.split(one, 1)
    middle, end = rest.split(other, 1)
    return start, middle, end, row_first


def _opened(folder: Path, one: Members, keys: Sequence[str]) -> "list[Any]":
    """Pillow images, pixels still unread where the file is no archive's member."""
    from PIL import Image

    names = named_members(folder, one)
    place = folder / one.path
    if place.is_dir():
        return [Image.open(place / names[key]) for key in keys]
    with zipfile.ZipFile(place) as archive:
        return [Image.open(_in_memory(archive.read(names[key]))) for key in keys]


def _in_memory(content: bytes) -> "Any":
    from io import BytesIO

    return BytesIO(content)
