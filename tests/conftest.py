from collections.abc import Iterator

import pytest

from tests.network_guard import no_real_requests

__all__ = ["no_real_requests"]

# Their assertions explain themselves, though they are no test modules.
pytest.register_assert_rewrite(*(f"tests.{package}.conformance" for package in ("engineers", "policies", "sandbox")))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="write the snapshots of prompts anew instead of comparing them")


@pytest.fixture
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))


@pytest.fixture(autouse=True, scope="session")
def own_slots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests do not wait for runs of this machine's users, nor those for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLESTAR_SLOTS", str(tmp_path_factory.mktemp("slots")))
        yield
