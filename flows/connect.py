"""Which workers serve a run: those on its storage with the environment that most of them have."""

import logging
from collections import Counter
from time import monotonic, sleep

import httpx
from prefect.exceptions import PrefectException

from flows.bell import active_environments, ring
from flows.local_server import check_server
from flows.storage import Storage
from flows.workers import WorkersRunner
from sandbox import InfrastructureError

WAIT_FOR_WORKER_SECONDS = 60.0
_log = logging.getLogger(__name__)


def connect(url: str, scope: str, wait: float = WAIT_FOR_WORKER_SECONDS) -> WorkersRunner:
    """The runner of one run, for the environment that most of the connected workers have. Blocking, until there is a worker.

    Raises:
        LocalServerError: no server is configured, or it does not answer.
        StorageError: the storage cannot be used.
        InfrastructureError: no worker serves it, or the server does not answer.
    """
    check_server()
    storage = Storage(url)
    identity, deadline = storage.identity(), monotonic() + wait
    while True:
        try:
            environments = active_environments(identity)
        except (httpx.HTTPError, PrefectException) as error:
            raise InfrastructureError(f"the Prefect server does not answer ({error}) — start it, or check PREFECT_API_URL") from error
        if environments:
            break
        if monotonic() > deadline:
            raise InfrastructureError(f"no worker serves {url} — start one: mlestar worker --storage {url}")
        sleep(0.5)
    (environment, count), *others = Counter(environments).most_common()
    if others:
        _log.warning(
            "%d workers have other packages than the %d that this run uses; they do not serve it", len(environments) - count, count
        )

    async def tell(job: str, title: str) -> None:
        await ring(identity, environment, scope, job, title)

    return WorkersRunner(storage, scope, environment, tell)
