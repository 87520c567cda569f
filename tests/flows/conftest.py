"""Real servers on loopback, each with a home of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flows.processes import ROOT, Processes, fresh_environment

__all__ = ["ROOT", "Start", "fresh_environment"]
Start = Callable[..., int]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a process that shares nothing with this machine's user."""
    return fresh_environment(tmp_path)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """What is started with it ends with the test."""
    made = Processes(tmp_path / "logs")
    yield made
    made.stop_all()


@pytest.fixture
def start(processes: Processes) -> Start:
    """Start a process in a session of its own; it ends with the test."""
    return processes.start


@pytest.fixture
def server(environment: dict[str, str], processes: Processes) -> str:
    """URL of a real Prefect server's API; `environment` points to it from now on."""
    return processes.server(environment)
