"""get and submit: what is asked of the official client's command line (documented at github.com/Kaggle/kaggle-api, docs/competitions.md).

A program called `kaggle` stands in the client's place: it takes the documented options and does with files what the client does at Kaggle.
"""

import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from mlestar.cli import app
from mlestar.errors import UserError
from tests.mlestar.runs import begin, end, search

CLIENT = """#!{python}
import argparse, json, os, pathlib, shutil, sys
parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest="group").add_parser("competitions").add_subparsers(dest="action")
download, submit = commands.add_parser("download"), commands.add_parser("submit")
for one in (download, submit):
    one.add_argument("competition")
download.add_argument("-p", "--path")
download.add_argument("-q", "--quiet", action="store_true")
submit.add_argument("-f", "--file")
submit.add_argument("-m", "--message")
asked = parser.parse_args()
at = pathlib.Path({site!r})
if asked.competition == "closed":
    print("403 - Forbidden - You must accept this competition's rules")
    sys.exit(1)
if asked.action == "download":
    shutil.copy(at / (asked.competition + ".zip"), asked.path)
else:
    (at / "sent.json").write_text(json.dumps([asked.competition, pathlib.Path(asked.file).read_text(), asked.message]))
    print("Successfully submitted to " + asked.competition)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """What Kaggle has, and the client in the folder `bin`."""
    place = tmp_path / "site"
    (place / "bin").mkdir(parents=True)
    with zipfile.ZipFile(place / "small.zip", "w") as archive:
        archive.writestr("train.csv", "id,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
        archive.writestr("images/1.png", b"picture")
    client = place / "bin" / "kaggle"
    client.write_text(CLIENT.format(python=sys.executable, site=str(place)))
    client.chmod(0o755)
    return place


Command = Callable[..., "Done"]


class Done(NamedTuple):
    """What a command came to, as its caller sees it."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def mlestar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """The command line in an empty home."""

    def command(*arguments: str, answer: str = "", token: str = "t", path: str = "") -> Done:
        monkeypatch.chdir(tmp_path)
        for name in [name for name in os.environ if name.startswith("KAGGLE")]:
            monkeypatch.delenv(name)
        for name, value in (("HOME", str(tmp_path)), ("XDG_CONFIG_HOME", str(tmp_path)), ("PATH", f"{path}:/usr/bin:/bin")):
            monkeypatch.setenv(name, value)
        if token:
            monkeypatch.setenv("KAGGLE_API_TOKEN", token)
        done = CliRunner().invoke(app, arguments, input=answer)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            assert isinstance(done.exception, UserError), done.exc_info
            return Done(2, done.stdout, f"mlestar: {done.exception}\n")
        return Done(done.exit_code, done.stdout, done.stderr)

    return command


def test_a_competition_is_downloaded_and_unpacked(site: Path, tmp_path: Path, mlestar: Command) -> None:
    done = mlestar("get", "kaggle:small", path=str(site / "bin"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "small" / "images" / "1.png").read_bytes() == b"picture"
    assert sorted(path.name for path in (tmp_path / "small").iterdir()) == ["images", "train.csv"]
    assert "mlestar init small" in done.stdout
    again = mlestar("get", "kaggle:small", path=str(site / "bin"))
    assert (again.returncode, "there already" in again.stderr) == (2, True)


def test_what_keeps_it_from_being_downloaded_is_one_line_and_leaves_nothing(site: Path, tmp_path: Path, mlestar: Command) -> None:
    refused = mlestar("get", "kaggle:closed", path=str(site / "bin"))
    keyless = mlestar("get", "kaggle:small", path=str(site / "bin"), token="")
    missing = mlestar("get", "kaggle:small") if not (Path(sys.executable).parent / "kaggle").exists() else None
    other = mlestar("get", "small", path=str(site / "bin"))
    said = [(refused, "accept this competition's rules"), (keyless, "no credentials — make a token"), (other, "write kaggle:NAME")]
    for done, words in [*said, *([(missing, "pip install 'mlestar[kaggle]'")] if missing else [])]:
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    (tmp_path / ".kaggle").mkdir()
    (tmp_path / ".kaggle" / "access_token").write_text("t")
    assert mlestar("get", "kaggle:small", path=str(site / "bin"), token="").returncode == 0


@pytest.mark.parametrize(("answer", "options", "sent"), [("y\n", (), True), ("n\n", (), False), ("", (), False), ("", ("--yes",), True)])
def test_a_submission_is_sent_only_after_a_yes(
    site: Path, tmp_path: Path, mlestar: Command, answer: str, options: tuple[str, ...], sent: bool
) -> None:
    run = begin(tmp_path / "runs")
    search(run)
    end(run)
    done = mlestar("submit", "last", "--competition", "small", *options, answer=answer, path=str(site / "bin"))
    assert (site / "sent.json").exists() == sent
    assert (done.returncode == 0) == sent, done.stderr
    assert ("Send runs/toy" in done.stdout) == (not options)
    if sent:
        assert "Successfully submitted to small" in done.stdout
        content = (site / "sent.json").read_text()
        assert '["small", "id,y\\n1,2\\n", "mlestar 20260101-120000-aaaa, rmse 1.6' in content


def test_a_run_without_a_submission_has_nothing_to_send(site: Path, tmp_path: Path, mlestar: Command) -> None:
    begin(tmp_path / "runs").close()
    done = mlestar("submit", "last", "--yes", path=str(site / "bin"))
    assert (done.returncode, "has no valid submission" in done.stderr) == (2, True)
    assert not (site / "sent.json").exists()
