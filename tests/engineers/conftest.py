from collections.abc import Iterator
from pathlib import Path

import pytest

from competitions import Brief, load_competition, make_brief, make_example
from tests.nodes.toy import make_toy


@pytest.fixture(scope="session", params=["breast-cancer", "diabetes", "wine-recognition", "digits"])
def brief(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Brief:
    folder = make_example(request.param, tmp_path_factory.mktemp("example"))
    return make_brief(load_competition(folder / "prepared" / "public"))


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small competition; all runs of a file share the results of equal scripts."""
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLESTAR_CACHE", str(folder / "cache"))
        patch.setenv("OPENAI_API_KEY", "none")
        yield make_toy(folder / "toy", 80)
