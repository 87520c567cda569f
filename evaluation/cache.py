"""What is kept between runs, and making room: results of executions, views, fetched folders; what was used longest ago goes first."""

import os
import secrets
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

RESULTS, VIEWS = "results", "views"
MOST_RESULTS = 20 * 2**30
"""Bytes of results that are kept when a run begins; the environment variable MLESTAR_CACHE_BYTES names another number."""
IN_USE = 3600.0
"""Seconds after its last use in which an entry counts as in use: a run may be reading it."""


@dataclass(frozen=True)
class Entry:
    """One result, view or other thing that is whole or not there."""

    path: Path
    kind: str
    """The folder of the cache that it lies in."""
    used: float
    """When it was read or written last, as far as the file system tells; seconds since 1970."""
    files: tuple[tuple[int, int, int], ...]
    """(device, inode, bytes) of each file: views share files, which take their room once."""


def entries(cache: Path, kind: str | None = None) -> list[Entry]:
    """All entries of one kind, or of all; the one that was used longest ago first. What vanishes meanwhile is left out. Blocking."""
    found = []
    with suppress(OSError):
        for folder in sorted(cache.iterdir()):
            if folder.is_dir() and kind in (None, folder.name):
                for path in folder.glob("*/*" if folder.name == RESULTS else "*"):
                    with suppress(OSError):
                        found.append(_entry(path, folder.name))
    return sorted(found, key=lambda entry: (entry.used, entry.path))


def size(kept: list[Entry]) -> int:
    """Bytes of the entries together."""
    return sum({(device, inode): length for entry in kept for device, inode, length in entry.files}.values())


def prune(cache: Path, limit: int, now: float, kind: str | None = None) -> list[Entry]:
    """Remove entries, the one used longest ago first, until at most `limit` bytes are left; none that is in use. What was removed.

    An entry vanishes as a whole, so that whoever looks for it meanwhile finds it or makes it again.
    """
    kept = entries(cache, kind)
    holders = Counter(file for entry in kept for file in entry.files)
    total, removed = size(kept), []
    for entry in kept:
        if total <= limit or entry.used > now - IN_USE:
            break
        if not _remove(entry.path):
            continue
        removed.append(entry)
        holders.subtract(entry.files)
        total -= sum(file[2] for file in set(entry.files) if not holders[file])
    return removed


def clear(cache: Path) -> list[Entry]:
    """Remove everything, used or not. A run that is going on makes again what it still needs."""
    return [entry for entry in entries(cache) if _remove(entry.path)]


def room_for_results(environment: "os._Environ[str] | dict[str, str]" = os.environ) -> int:
    """Bytes of results to be kept.

    Raises:
        ValueError: the variable is no whole number.
    """
    given = environment.get("MLESTAR_CACHE_BYTES")
    if given is None:
        return MOST_RESULTS
    if not given.isdecimal():
        raise ValueError(f"MLESTAR_CACHE_BYTES: {given!r} is no whole number of bytes — write it like 20000000000")
    return int(given)


def _entry(path: Path, kind: str) -> Entry:
    files, used = [], path.lstat().st_mtime
    for found in (path, *path.rglob("*")) if path.is_dir() else (path,):
        known = found.lstat()
        used = max(used, known.st_mtime)
        if not found.is_dir():
            files.append((known.st_dev, known.st_ino, known.st_size))
            used = max(used, known.st_atime)
    return Entry(path, kind, used, tuple(files))


def _remove(path: Path) -> bool:
    """Out of sight first, at once; then piece by piece."""
    gone = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.rename(gone)
    except OSError:
        return False
    if gone.is_dir():
        for folder in (gone, *(found for found in gone.rglob("*") if found.is_dir())):
            with suppress(OSError):
                folder.chmod(0o755)  # views are read-only
        shutil.rmtree(gone, ignore_errors=True)
    else:
        gone.unlink(missing_ok=True)
    return True
