import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mlestar.cli import app
from mlestar.commands.cache import parse_size
from mlestar.errors import UserError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "views" / "old").mkdir(parents=True)
    (tmp_path / "views" / "old" / "train.csv").write_bytes(bytes(2_500_000))
    for path in (tmp_path / "views" / "old", tmp_path / "views" / "old" / "train.csv"):
        os.utime(path, (1e9, 1e9))
    monkeypatch.setenv("MLESTAR_CACHE", str(tmp_path))
    return tmp_path


def invoke(*arguments: str) -> str:
    return CliRunner().invoke(app, ["cache", *arguments], catch_exceptions=False).output


def test_it_shows_what_is_kept_and_prunes_and_clears(place: Path) -> None:
    shown = invoke().splitlines()
    assert shown[0] == f"{place}: 2.5 MB in 1 entry"
    assert shown[1].split()[:5] == ["views", "2.5", "MB", "in", "1"]
    assert "2001-09-09" in shown[1]
    assert "removed: 0 B in 0 entries" in invoke("--prune", "3MB")
    pruned = json.loads(invoke("--prune", "1MB", "--json"))
    assert pruned == {"folder": str(place), "kinds": {}, "removed": {"entries": 1, "bytes": 2_500_000}}
    (place / "views" / "new").mkdir()
    assert "removed: 0 B in 1 entry" in invoke("--clear")


def test_sizes_are_read_and_anything_else_is_refused() -> None:
    assert [parse_size(text) for text in ("5GB", "1.5 GiB", "0B", "500mb")] == [5 * 10**9, 3 * 2**29, 0, 5 * 10**8]
    for text in ("5", "GB", "-1GB", "five GB", "1.2.3MB", ""):
        with pytest.raises(UserError, match="--prune"):
            parse_size(text)
