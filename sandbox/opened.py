"""Which provided files were opened, seen from outside with inotify: readers in C++ included, which no hook in Python sees."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any


class OpenedFiles:
    """Watches a folder while it is entered, in the running event loop. On Linux; elsewhere, or with no watches left, it sees nothing.

    `provided`: the paths of interest relative to the folder, '/'-separated. Listing a folder opens no file.
    """

    def __init__(self, folder: Path, provided: Iterable[str]):
        self._folder = folder
        self._provided = frozenset(provided)
        self._seen: set[str] = set()
        self._folders: dict[int, str] = {}
        self._notify: Any = None
        self._complete = True

    def __enter__(self) -> "OpenedFiles":
        if sys.platform == "linux":
            try:
                self._watch()
            except OSError:  # fs.inotify.max_user_instances or max_user_watches is used up: no reason to fail the job
                self._close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._notify is not None:
            self._read()
        complete = self._notify is not None and self._complete
        self._close()
        self._complete = complete

    def paths(self) -> tuple[str, ...] | None:
        """After leaving: the provided files that were opened, sorted; none: it could not be seen, or not completely."""
        return tuple(sorted(self._seen)) if self._complete else None

    def _watch(self) -> None:
        from inotify_simple import INotify, flags

        self._notify = INotify(nonblocking=True)
        # One watch a folder reports all files in it.
        for name in sorted({"", *(parent for path in self._provided for parent in _parents(path))}):
            self._folders[self._notify.add_watch(self._folder / name, flags.OPEN | flags.ONLYDIR)] = name
        asyncio.get_running_loop().add_reader(self._notify.fileno(), self._read)

    def _read(self) -> None:
        from inotify_simple import flags

        for event in self._notify.read(timeout=0):
            if event.mask & flags.Q_OVERFLOW:
                self._complete = False
            elif event.wd in self._folders:
                folder = self._folders[event.wd]
                path = f"{folder}/{event.name}" if folder else event.name
                if path in self._provided:
                    self._seen.add(path)

    def _close(self) -> None:
        if self._notify is not None:
            asyncio.get_running_loop().remove_reader(self._notify.fileno())
            self._notify.close()
            self._notify = None


def _parents(path: str) -> list[str]:
    """'a/b/c.csv' -> ['a', 'a/b']"""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
