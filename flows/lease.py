"""The run's side of the lease: a thread of its own writes it, so that a busy event loop is not taken for a dead run."""

import contextlib
import secrets
import threading

from flows.exchange import BEAT_SECONDS, Lease, Places
from flows.storage import Storage, StorageError


class LeaseKeeper:
    """Keeps the lease of a run as long as it wants anything. Safe to use from several threads."""

    def __init__(self, storage: Storage, places: Places, environment: str) -> None:
        self._storage = storage
        self._places = places
        self._lease = Lease(beat=0, owner=secrets.token_hex(8), environment=environment)
        self._wanted: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def want(self, job: str, attempt: int) -> None:
        """Want a job done, in this attempt and no other; workers see it when this returns. Blocking.

        Raises:
            StorageError: it cannot be written.
        """
        with self._lock:
            self._wanted[job] = attempt
            self._write()
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="mlestar-lease", daemon=True)
                self._thread.start()

    def drop(self, job: str) -> None:
        """The job is done, or not wanted any more: who works on it stops. Blocking."""
        with self._lock:
            self._wanted.pop(job, None)
            with contextlib.suppress(StorageError):  # else the next beat says it
                self._write()

    def close(self) -> None:
        """Stop beating. Blocking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _keep(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            with self._lock:
                try:
                    self._write()
                except StorageError:
                    continue  # workers have some patience

    def _write(self) -> None:
        self._lease = self._lease.model_copy(update={"beat": self._lease.beat + 1, "jobs": tuple(self._wanted.items())})
        self._storage.write(self._places.lease, self._lease.model_dump_json().encode())
