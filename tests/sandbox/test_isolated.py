import shutil

import pytest

from sandbox import BubblewrapRunner
from tests.sandbox.conformance import HostileScripts, RunnerConformance

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


@pytest.fixture(scope="module")
def runner() -> BubblewrapRunner:
    return BubblewrapRunner()


class TestConformance(RunnerConformance):
    pass


class TestHostileScripts(HostileScripts):
    pass
