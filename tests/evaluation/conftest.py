from pathlib import Path

import pytest

from competitions import Views, load_competition, make_example
from evaluation import Evaluator, Slots, Store
from sandbox import Limits, LocalRunner


@pytest.fixture(scope="session")
def views(tmp_path_factory: pytest.TempPathFactory) -> Views:
    folder = tmp_path_factory.mktemp("competitions")
    return Views(load_competition(make_example("breast-cancer", folder)), folder / "cache", folds=3)


@pytest.fixture
def evaluator(tmp_path: Path) -> Evaluator:
    return Evaluator(LocalRunner(), Slots(2), Store(tmp_path / "store"), Limits(seconds=30.0))
