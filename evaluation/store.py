"""The store: results of executions by content, shared between runs. Only successes are kept; limits are no part of a key."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from journal import FoldResult

RESULT = "result.json"


def store_key(code: str, fingerprint: str, seed: int, environment: str) -> str:
    """The identity of a result: the solution, the view it ran on, the seed, and what it ran in."""
    return hashlib.sha256(json.dumps([code, fingerprint, seed, environment]).encode()).hexdigest()


class Store:
    """A folder of finished executions. Written by rename, so that a reader sees all of an entry or nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str, target: Path) -> FoldResult | None:
        """The result under `key`, its files copied into `target`; none where there is no whole entry."""
        entry = self._entry(key)
        try:
            result = FoldResult.model_validate_json((entry / RESULT).read_bytes())
            target.mkdir(parents=True, exist_ok=True)
            for file in entry.iterdir():
                if file.name != RESULT:
                    shutil.copyfile(file, target / file.name)
        except (OSError, ValueError):  # not there, or from another version
            return None
        with suppress(OSError):
            os.utime(entry)  # what was used longest ago is pruned first
        return result.model_copy(update={"stored": True})

    def put(self, key: str, result: FoldResult, files: Iterable[Path]) -> None:
        """Keep a success and its files; an entry that is there already stays."""
        entry = self._entry(key)
        if entry.exists():
            return
        entry.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=entry.parent))
        try:
            for file in files:
                shutil.copyfile(file, temporary / file.name)
            (temporary / RESULT).write_text(result.model_dump_json())
            temporary.rename(entry)
        except FileExistsError:  # another run was faster
            shutil.rmtree(temporary)
        except OSError:  # a full disk costs the entry, not the run
            shutil.rmtree(temporary, ignore_errors=True)

    def _entry(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]
