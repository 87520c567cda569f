from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competitions import load_competition, make_example
from journal import Run
from reports import data_profile, read_data_profile, report_html, write_data_profile


def folder(tmp_path: Path, shift: float) -> Path:
    """A small competition whose test rows are moved in one column."""
    rng = np.random.default_rng(0)
    place = tmp_path / f"shift-{shift}"
    place.mkdir()
    for name, rows, moved in (("train", 400, 0.0), ("test", 200, shift)):
        frame = pd.DataFrame({"id": range(rows), "<b>steady": rng.normal(size=rows), "moved": rng.normal(size=rows) + moved})
        frame["kind"] = rng.choice(["a", "b", ""], rows)
        if name == "train":
            frame["y"] = rng.normal(size=rows)
        frame.to_csv(place / f"{name}.csv", index=False)
    pd.DataFrame({"id": range(200), "y": 0.0}).to_csv(place / "sample_submission.csv", index=False)
    (place / "description.md").write_text("Predict y. The metric is RMSE.")
    return place


def test_rows_that_look_alike_cannot_be_told_apart(tmp_path: Path) -> None:
    profile = data_profile(load_competition(folder(tmp_path, 0.0)))
    assert profile.drift is not None and abs(profile.drift.auc - 0.5) < 0.1
    assert (profile.train_rows, profile.test_rows) == (400, 200)
    assert sum(profile.counts) == 400 and len(profile.edges) == len(profile.counts) + 1


def test_a_moved_column_is_found(tmp_path: Path) -> None:
    profile = data_profile(load_competition(folder(tmp_path, 3.0)))
    assert profile.drift is not None and profile.drift.auc > 0.9
    parts = {column.name: column.drift or 0.0 for column in profile.columns}
    assert max(parts, key=parts.__getitem__) == "moved"
    assert sum(parts.values()) == pytest.approx(1.0)


def test_missing_cells_are_counted_in_both_tables(tmp_path: Path) -> None:
    place = folder(tmp_path, 0.0)
    profile = data_profile(load_competition(place))
    column = next(column for column in profile.columns if column.name == "kind")
    train, test = (pd.read_csv(place / f"{name}.csv")["kind"].isna().mean() for name in ("train", "test"))
    assert (column.missing, column.missing_test) == (pytest.approx(train), pytest.approx(test))


def test_classes_have_shares(tmp_path: Path) -> None:
    profile = data_profile(load_competition(make_example("breast-cancer", tmp_path)))
    assert sum(profile.classes.values()) == pytest.approx(1.0)
    assert not profile.counts


def test_the_page_shows_the_data_and_names_of_columns_are_text(whole_run: Run, tmp_path: Path) -> None:
    competition = load_competition(folder(tmp_path, 3.0))
    assert "data-title" not in report_html(whole_run)
    written = write_data_profile(whole_run, competition)
    assert written == read_data_profile(whole_run)
    html = report_html(whole_run)
    assert "the test rows differ clearly" in html
    assert "&lt;b&gt;steady" in html and "<b>steady" not in html


def test_a_profile_of_another_version_is_passed_over(whole_run: Run) -> None:
    (whole_run.folder / "data.json").write_text('{"rows": 3}')
    assert read_data_profile(whole_run) is None
    assert "data-title" not in report_html(whole_run)
