"""What was worked out of large files, kept for the next time: by where files lie, how large they are, and when they were changed."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

WORTH_KEEPING = 1.0
"""Seconds from which it is worth keeping."""


def cache_folder() -> Path:
    """Where things are kept between runs: MLESTAR_CACHE, else the user's cache folder."""
    return Path(os.environ.get("MLESTAR_CACHE") or user_cache_path("mlestar"))


def signature(files: Iterable[Path]) -> str:
    """SHA-256 over the files' places, sizes, inodes and times, and over this package's own source; nothing is read of the files."""
    lines = [_source()]
    for path in sorted(files):
        known = path.stat()
        lines.append(f"{path.resolve()}\0{known.st_size}\0{known.st_ino}\0{known.st_mtime_ns}\0{known.st_ctime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def remembered(place: Path, make: Callable[[], dict[str, Any]], seconds: float = WORTH_KEEPING) -> dict[str, Any]:
    """What is written at `place`; else what `make` gives, which is written there if it took so long. A broken file is made anew."""
    try:
        known: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return known
    except (OSError, ValueError):
        pass
    start = time.monotonic()
    made = make()
    if time.monotonic() - start >= seconds:
        partial = place.with_name(f"{place.name}.{os.getpid()}.partial")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(made), encoding="utf-8")
            partial.replace(place)
        except OSError:  # a full or read-only disk: the next time takes as long
            with suppress(OSError):
                partial.unlink(missing_ok=True)
    return made


@cache
def _source() -> str:
    """The package's own source: other rules may come to other conclusions."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
