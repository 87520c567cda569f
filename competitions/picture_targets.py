"""Finding pictures as targets: three places of pictures (training, their targets, test) and a submission with a row for each pixel."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from competitions.attachments import is_container
from competitions.errors import CompetitionError
from competitions.model import Pixels, ProvidedFile
from competitions.pixels import matching_pattern
from competitions.rowfiles import member_names
from competitions.sources import YAML, read_role

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


class Place(NamedTuple):
    """Pictures that lie together."""

    path: str
    start: str
    """What stands before the picture's name in the folder or archive."""
    ending: str

    @property
    def name(self) -> str:
        """All that the place is called."""
        return f"{self.path}/{self.start}".lower()


def infer_picture_targets(folder: Path, files: Sequence[ProvidedFile]) -> tuple[tuple[ProvidedFile, ...], Pixels] | None:
    """The files with the roles of the three places filled in, and how the submission names pixels; none: the targets are no pictures.

    Raises:
        CompetitionError: it is not plain which pictures are the targets.
    """
    roles = {file.role for file in files}
    if "train" in roles or "test" in roles or "sample_submission" not in roles:
        return None
    places = _places(folder, files)
    sample, _ = read_role(folder, files, "sample_submission")
    if len(places) < 3 or len(sample.columns) != 2:
        return None
    identity, value = map(str, sample.columns)
    tests = {place: found for place, keys in places.items() if (found := matching_pattern(sample[identity].tolist(), sorted(keys)))}
    if len(tests) != 1:
        return None
    ((test, (pattern, first)),) = tests.items()
    pairs = [(one, other) for one in places for other in places if one < other and test not in (one, other) and places[one] & places[other]]
    if len(pairs) != 1:
        raise CompetitionError(
            folder, "files", [place.name for place in places if place != test], f"which are the targets? Name label_files in {YAML}"
        )
    train, labels = _told_apart(folder, pairs[0], test)
    roles_of = {train: "train_files", labels: "label_files", test: "test_files"}
    named = [
        ProvidedFile.model_validate({"path": place.path, "role": role, "members": f"{place.start}{{{identity}}}{place.ending}"})
        for place, role in roles_of.items()
    ]
    numbers = pd.to_numeric(sample[value], errors="coerce")
    scale = 1.0 if bool((numbers > 1).any()) else 255.0
    rest = [file for file in files if file.path not in {one.path for one in named}]
    return tuple(sorted([*rest, *named], key=lambda one: (one.path, one.members or ""))), Pixels(
        id_pattern=pattern, first=first, scale=scale
    )


def _places(folder: Path, files: Sequence[ProvidedFile]) -> dict[Place, set[str]]:
    """The pictures' names in each place, without their endings."""
    found: dict[Place, set[str]] = defaultdict(set)
    for file in files:
        if file.role == "shared" and is_container(folder / file.path):
            for member in member_names(folder / file.path):
                start, _, name = member.rpartition("/")
                stem, dot, ending = name.rpartition(".")
                if f".{ending.lower()}" in PICTURES:
                    found[Place(file.path, f"{start}/" if start else "", dot + ending)].add(stem)
    return dict(found)


def _told_apart(folder: Path, pair: tuple[Place, Place], test: Place) -> tuple[Place, Place]:
    """(training pictures, their targets): the first are called like the test's."""
    like = [place for place in pair if re.sub("train(ing)?", "test", place.name) == test.name]
    if len(like) != 1:
        names = [place.name for place in pair]
        raise CompetitionError(folder, "files", names, f"which of them are the targets? Give these the role label_files in {YAML}")
    return like[0], pair[1] if like[0] == pair[0] else pair[0]
