import os
from pathlib import Path

import pytest

from competitions import load_competition, make_example
from mlestar.errors import UserError
from mlestar.places import competition_folder, competition_with_data, run_folder
from tests.mlestar.runs import finished_run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for age, (competition, run_id) in enumerate(
        [("toy", "20260101-120000-aaaa"), ("toy", "20260101-130000-bbbb"), ("other", "20250101-110000-cccc")]
    ):
        run = finished_run(tmp_path, run_id, competition)
        os.utime(run.folder / "run.json", (1000 + age, 1000 + age))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("20260101-120000-aaaa", "toy/20260101-120000-aaaa"),
        ("20260101-13", "toy/20260101-130000-bbbb"),
        ("other/2025", "other/20250101-110000-cccc"),
        ("last", "other/20250101-110000-cccc"),
    ],
)
def test_a_run_is_found_by_id_beginning_or_last(root: Path, name: str, found: str) -> None:
    assert run_folder(name, root) == root / found


def test_a_run_is_found_by_its_path_wherever_it_lies(root: Path, tmp_path: Path) -> None:
    folder = root / "toy" / "20260101-120000-aaaa"
    assert run_folder(str(folder), tmp_path / "elsewhere") == folder


@pytest.mark.parametrize(("name", "says"), [("2026", "fits 2 runs"), ("x", "no run in"), ("", "no run in")])
def test_a_name_that_fits_none_or_several_runs_is_refused(root: Path, name: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        run_folder(name, root)


def test_no_runs_at_all_is_said_with_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="mlestar run"):
        run_folder("last", tmp_path)


def test_an_example_is_made_once_and_then_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    first = competition_folder("diabetes")
    made = (first / "prepared" / "public" / "train.csv").stat().st_mtime_ns
    assert competition_folder("diabetes") == first
    assert (first / "prepared" / "public" / "train.csv").stat().st_mtime_ns == made
    assert load_competition(first).id == "diabetes"


def test_a_folder_goes_before_an_example_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    assert competition_folder("digits") == Path("digits")


def test_a_competition_that_is_nowhere_is_refused_with_the_names_of_the_examples() -> None:
    with pytest.raises(UserError, match="digits"):
        competition_folder("no-such-thing")


def test_data_that_lie_elsewhere_are_remembered_beside_the_runs(tmp_path: Path) -> None:
    example = make_example("diabetes", tmp_path)
    data = tmp_path / "elsewhere"
    (example / "prepared" / "public").rename(data)
    path = competition_with_data(example, data, tmp_path / "runs")
    assert path.parent == tmp_path / "runs" / "diabetes"
    assert load_competition(path).folder == data
    assert load_competition(path).answers == example / "prepared" / "private" / "test.csv"
