"""Real servers on loopback, each with a home of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[..., subprocess.Popen[bytes]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a process that shares nothing with this machine's user."""
    return fresh_environment(tmp_path)


def fresh_environment(folder: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        "PYTHONPATH": str(ROOT),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "MLESTAR_CACHE": str(folder / "cache"),
        "XDG_DATA_HOME": str(folder / "data"),
    }


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a process in a session of its own; it ends with the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(*command: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
        log = (tmp_path / f"process-{len(processes)}.log").open("wb")
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        processes.append(process)
        return process

    yield begin
    for process in reversed(processes):
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def server(environment: dict[str, str], start: Start) -> str:
    """URL of a real Prefect server's API; `environment` points to it from now on."""
    port = free_port()
    start("prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui", env=environment)
    url = f"http://127.0.0.1:{port}/api"
    environment["PREFECT_API_URL"] = url
    for _ in range(300):
        try:
            if httpx.get(f"{url}/health").status_code == httpx.codes.OK:
                return url
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError(f"no Prefect server at {url}")
