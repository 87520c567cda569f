"""Which job a worker takes: one that the lease of a run wants, and that no other worker has."""

import logging
import math
import random
from dataclasses import dataclass
from time import monotonic

from flows.exchange import ABANDONED_SECONDS, Lease, Order, Places
from flows.storage import Storage, StorageError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claimed:
    """A job that is ours."""

    places: Places
    order: Order
    attempt: int


class Claims:
    """A worker's way to jobs on its storage; `name`: the worker's, `environment`: of its runner. Blocking; safe to use from several
    threads: who creates a claim first has it.
    """

    def __init__(self, storage: Storage, environment: str, name: str) -> None:
        self._storage, self._environment, self._name = storage, environment, name
        self._seen: dict[str, tuple[int, float]] = {}
        """Of each run: the beat of its lease, and when it was first seen to be that; a run that was never seen to beat: -infinity."""

    def find(self) -> Claimed | None:
        """Take a job of any run that is seen to beat; none: there is none, or the storage is away."""
        try:
            scopes = self._storage.names("runs")
            random.shuffle(scopes)  # no run comes always first
            return next((claimed for scope in scopes if (claimed := self.take(scope))), None)
        except StorageError as error:
            _log.warning("%s", error)
        return None

    def take(self, scope: str, wanted: str = "") -> Claimed | None:
        """Take a job of the run, `wanted` or the first that nobody has; without `wanted` only of a run whose lease is seen to beat.

        Raises:
            StorageError: the storage is away.
        """
        places = Places(scope)
        data = self._storage.read(places.lease)
        if data is None:
            return None
        lease = Lease.model_validate_json(data)
        beats = self._beats_still(scope, lease.beat)
        if lease.environment != self._environment or not (beats or wanted):
            return None
        taken = set(self._storage.names(places.claims))
        for job, attempt in sorted(lease.jobs, key=lambda each: each[0] != wanted):
            if f"{job}.{attempt}" in taken or not self._storage.create(places.claim(job, attempt), self._name.encode()):
                continue
            order = self._storage.read(places.job(job))
            if order is not None:
                return Claimed(places, Order.model_validate_json(order), attempt)
        return None

    def _beats_still(self, scope: str, beat: int) -> bool:
        """Whether a run was seen to beat, lately."""
        before, since = self._seen.get(scope, (beat, -math.inf))
        if beat != before:
            since = monotonic()
        self._seen[scope] = (beat, since)
        return monotonic() - since < ABANDONED_SECONDS
