"""The folders of views: built whole or not at all, linked where they can be, told apart by what they hold."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def folder_fingerprint(folder: Path, paths: tuple[str, ...] | None = None) -> str:
    """SHA-256 of the files' paths and contents, hexadecimal; all files, unless they are named."""
    names = sorted(paths if paths is not None else (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    digest = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as file:
            digest.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


@contextmanager
def built_folder(place: Path) -> Iterator[Path]:
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


def link_file(source: Path, target: Path) -> None:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)


def link_all(source: Path, target: Path) -> None:
    """Link a file, or every file of a folder."""
    for file in [path for path in source.rglob("*") if path.is_file()] if source.is_dir() else [source]:
        place = target / file.relative_to(source) if source.is_dir() else target
        place.parent.mkdir(parents=True, exist_ok=True)
        link_file(file, place)
