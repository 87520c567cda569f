"""A Prefect API for a run without a server: a process of our own on loopback, on the profile's database, gone when we are.

Prefect's own temporary server does not survive a Ctrl-C (it shares our terminal) and outlives a SIGKILL of ours; this one is the other way
round. What is recorded is seen in the UI as soon as a server is started on the same profile.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep

import httpx
from prefect.settings import PREFECT_API_URL, temporary_settings

START_SECONDS = 120.0
"""Generous: a laptop that wakes up with an empty disk cache."""
POLL_SECONDS = 0.1
STOP_SECONDS = 5.0
ANSWER_SECONDS = 30.0

GUARDIAN = "import os, signal, sys; sys.stdin.buffer.read(); os.kill(int(sys.argv[1]), signal.SIGKILL)"
"""Waits for the end of its standard input, which comes when the parent is gone however it went, and ends the server."""


class LocalServerError(RuntimeError):
    """There is no Prefect API: the configured one does not answer, or a local one did not come up."""


@contextmanager
def prefect_api() -> Iterator[str]:
    """Have an API: the configured one (PREFECT_API_URL), or a local one for as long as the context lasts. Gives its URL."""
    with starting_api() as ready:
        yield ready()


@contextmanager
def starting_api() -> Iterator[Callable[[], str]]:
    """The same, but a local one is waited for only when its URL is asked for: its start takes seconds, beside which others can work.

    What is asked for raises LocalServerError, as `prefect_api` does.
    """
    configured = PREFECT_API_URL.value()
    if configured:
        yield lambda: configured
        return
    port = _free_port()
    server = _start(port)
    guardian = subprocess.Popen([sys.executable, "-ISc", GUARDIAN, str(server.pid)], stdin=subprocess.PIPE, start_new_session=True)
    url = f"http://127.0.0.1:{port}/api"
    try:
        with ExitStack() as stack:

            def ready() -> str:
                _wait(server, url)
                stack.enter_context(temporary_settings({PREFECT_API_URL: url}))
                return url

            yield ready
    finally:
        guardian.kill()
        guardian.communicate()
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def check_api() -> None:
    """Ask the configured API, if there is one, before anything is made: a server that is not there is the user's to mend.

    Raises:
        LocalServerError: it does not answer.
    """
    url = PREFECT_API_URL.value()
    if not url:
        return
    try:
        httpx.get(f"{url}/health", timeout=ANSWER_SECONDS)
    except httpx.TransportError as error:
        raise LocalServerError(f"PREFECT_API_URL: {url} does not answer ({error}) — start that server, or unset the variable") from error


def check_server() -> str:
    """The configured server's API, which must answer.

    Raises:
        LocalServerError: none is configured, or it does not answer.
    """
    check_api()
    url: str | None = PREFECT_API_URL.value()
    if not url:
        raise LocalServerError(
            "PREFECT_API_URL is not set — start `prefect server start`, then export PREFECT_API_URL=http://127.0.0.1:4200/api"
        )
    return url


def _start(port: int) -> subprocess.Popen[bytes]:
    quiet = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_LOGGING_TO_API_ENABLED": "false"}
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-ui", "--no-scheduler", "--no-late-runs", "--log-level", "CRITICAL"]
    return subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", *options],
        env={**os.environ, **quiet},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline:
        if server.poll() is not None:
            raise LocalServerError(f"the local Prefect server ended with code {server.returncode} — try `prefect server start` to see why")
        try:
            if httpx.get(f"{url}/health").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        sleep(POLL_SECONDS)
    raise LocalServerError(f"the local Prefect server did not answer within {START_SECONDS:.0f} s — start one with `prefect server start`")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
