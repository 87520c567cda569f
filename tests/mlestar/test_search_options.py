"""--search and --exclude-domain that cannot be served: one line, exit status 2, nothing left behind."""

import sys
from pathlib import Path

import pytest

from competitions import make_example
from mlestar.cli import main


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--search", "tavily"), "--search: tavily needs a key — set TAVILY_API_KEY, or use --search arxiv or --search none"),
        (("--search", "bing"), "--search: 'bing' is no source — choose from: auto, none, tavily, arxiv"),
        (("--search", "arxiv"), "--search: arxiv needs a model that writes the queries — add --model, or leave --search out"),
        (("--exclude-domain", "no domain"), "--exclude-domain: 'no domain' is no domain — write it like kaggle.com"),
    ],
)
def test_it_is_one_line(
    options: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAVILY_API_KEY", raising=False)
    monkeypatch.setenv("MLESTAR_CACHE", str(tmp_path / "cache"))
    competition = make_example("wine-recognition", tmp_path / "competitions")
    monkeypatch.setattr(sys, "argv", ["mlestar", "run", str(competition), "--runs-dir", str(tmp_path / "runs"), *options])
    with pytest.raises(SystemExit) as caught:
        main()
    error = capsys.readouterr().err
    assert caught.value.code == 2 and error.startswith(f"mlestar: {message}") and error.count("\n") == 1
    assert not list((tmp_path / "runs").rglob("run.json"))
