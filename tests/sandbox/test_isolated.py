"""All caged runners under the conformance suite and the hostile scripts."""

import shutil
from collections.abc import Iterator

import pytest

from sandbox import BubblewrapRunner, ForkserverRunner, Runner
from tests.sandbox.conformance import HostileScripts, RunnerConformance

COLD = [pytest.param(name, marks=pytest.mark.slow) for name in ("forkserver-cold", "bubblewrap")]


@pytest.fixture(scope="module", params=["forkserver", *COLD])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param == "bubblewrap":
        if shutil.which("bwrap") is None:
            pytest.skip("bubblewrap is not installed")
        yield BubblewrapRunner()
    else:
        yield ForkserverRunner(warm=request.param == "forkserver")


class TestConformance(RunnerConformance):
    pass


class TestHostileScripts(HostileScripts):
    pass
