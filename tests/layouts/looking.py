"""Looking for texts in folders: in file names, in the files as they are, and in what archives and tables in them hold."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything in a folder, the members of archives one by one, tables in Parquet as text."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{name}/{member}", archive.read(member)) for member in archive.namelist())
        elif path.suffix == ".gz":
            yield name, gzip.decompress(path.read_bytes())
        elif path.suffix == ".parquet":
            yield name, pd.read_parquet(path).to_csv().encode()
        elif path.is_file():
            yield name, path.read_bytes()


def everything(folder: Path) -> bytes:
    """The same in one piece, with the names and the raw bytes of archives and tables too."""
    parts = [part for name, content in contents(folder) for part in (name.encode(), content)]
    raw = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\0".join([*parts, *raw])
