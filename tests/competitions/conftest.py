import os
from collections.abc import Callable
from pathlib import Path

import pytest

from competitions import EXAMPLES, Competition, load_competition, make_example


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Competition]:
    folder = tmp_path_factory.mktemp("examples")
    return {name: load_competition(make_example(name, folder)) for name in EXAMPLES}


@pytest.fixture(params=list(EXAMPLES))
def example(request: pytest.FixtureRequest, examples: dict[str, Competition]) -> Competition:
    return examples[request.param]


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[..., Path]:
    """A competition's folder from the texts of its files; the standard ones unless they are given (None: the file is absent)."""

    def write(**changed: str | bytes | None) -> Path:
        files: dict[str, str | bytes | None] = {
            "train.csv": "id,a,b,y\n" + "".join(f"{i},{i * 7 % 11},{'uvw'[i % 3]},{i % 2}\n" for i in range(40)),
            "test.csv": "id,a,b\n" + "".join(f"{i},{i * 5 % 11},{'uvw'[i % 3]}\n" for i in range(40, 50)),
            "sample_submission.csv": "id,y\n" + "".join(f"{i},0\n" for i in range(40, 50)),
            "description.md": "The metric is accuracy.\n",
        }
        files |= {name.replace("__", "."): content for name, content in changed.items()}
        folder = tmp_path / "small"
        folder.mkdir()
        for name, content in files.items():
            if content is not None:
                (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write


@pytest.fixture(scope="session")
def development() -> Path:
    """The folder of the development competitions, which are not part of the project."""
    beside = Path(__file__).parents[2].parent / "shared" / "competitions"
    folder = Path(os.environ.get("MLESTAR_COMPETITIONS", beside))
    if not folder.is_dir():
        pytest.skip("no development competitions: set MLESTAR_COMPETITIONS to their folder")
    return folder
