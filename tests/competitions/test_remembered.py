import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from competitions import Views, load_competition
from competitions.remembered import remembered, signature

Folder = Callable[..., Path]


def test_what_took_long_is_worked_out_once_and_a_broken_file_anew(tmp_path: Path) -> None:
    calls = []

    def make() -> dict[str, int]:
        calls.append(1)
        return {"calls": len(calls)}

    place = tmp_path / "kept" / "one.json"
    assert remembered(place, make) == {"calls": 1}
    assert not place.exists()  # it took no time
    assert remembered(place, make, seconds=0) == {"calls": 2}
    assert remembered(place, make) == {"calls": 2}
    place.write_text('{"calls":')
    assert remembered(place, make, seconds=0) == {"calls": 3}
    assert json.loads(place.read_text()) == {"calls": 3}


def test_a_place_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert remembered(tmp_path / "file" / "one.json", lambda: {"a": 1}, seconds=0) == {"a": 1}


def test_a_file_that_was_changed_has_another_signature_whatever_its_date(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    before, known = signature([path]), path.stat()
    path.write_text("a,b\n1,3\n")
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert signature([path]) != before


def test_a_remembered_competition_is_the_same_and_forgotten_when_a_file_changes(
    folder_of: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLESTAR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remembered, "__defaults__", (0.0,))
    folder = folder_of()
    first = load_competition(folder)
    assert len(list((tmp_path / "cache" / "competitions").iterdir())) == 1
    assert load_competition(folder) == first
    (folder / "competition.yaml").write_text("metric: roc_auc\n")
    assert load_competition(folder).metric == "roc_auc"


def test_views_are_taken_from_the_cache_without_reading_the_tables(folder_of: Folder, tmp_path: Path) -> None:
    competition = load_competition(folder_of())
    first = Views(competition, tmp_path / "cache").view("full", 0)
    again = Views(competition, tmp_path / "cache")
    view = again.view("full", 0)
    assert "_tables" not in vars(again)
    assert (view.folder, view.fingerprint) == (first.folder, first.fingerprint)
    assert view.held_out.equals(first.held_out)
    assert view.ids.equals(first.ids)
