"""From a folder to a graded submission: every layout, with nothing but its files, by a small run of the built-in engineer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from competitions import grade, load_competition
from flows.local_server import prefect_api
from journal import Executed, Settings
from mlestar.solving import solve
from tests.layouts.generators import LAYOUTS
from tests.layouts.looking import everything
from tests.layouts.prepared import prepare

pytestmark = pytest.mark.slow
SMALL = Settings(evaluations=3, tracks=1, models=2, outer_steps=0, inner_steps=1, ensemble_rounds=1, folds=2)


@pytest.fixture(scope="module", autouse=True)
def api() -> Iterator[str]:
    """One Prefect API for all runs."""
    with prefect_api() as url:
        yield url


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_a_small_run_ends_with_a_graded_submission_and_sees_no_answer(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLESTAR_CACHE", str(tmp_path / "cache"))
    made = prepare(name, tmp_path / name)
    run = solve(made.folder, SMALL, runs_dir=tmp_path / "runs")
    run.refresh()
    submission = run.folder / "final" / "submission.csv"
    errors = {entry.result.error for entry in run.entries(Executed)}
    assert submission.is_file(), errors
    graded = grade(load_competition(made.folder), submission)
    assert graded.valid_submission, graded.error
    assert run.finished is not None
    assert run.finished.grade == pytest.approx(graded.score)
    for place in (tmp_path / "runs", tmp_path / "cache"):
        kept = everything(place)
        assert not [mark for mark in made.marks if mark.encode() in kept], place
    views = sorted((tmp_path / "cache" / "views").glob("*/positions.npy"))
    assert len(views) >= 2
    for positions in views:
        check_view(positions.parent, made.layout.secrets)


def check_view(place: Path, secrets: tuple[tuple[str, ...], ...]) -> None:
    """A view that the run has used holds what is known of its training rows, and of no row that is held out."""
    held = set(np.load(place / "positions.npy")[0].tolist())
    found = everything(place / "input")
    for row, texts in enumerate(secrets):
        for text in texts:
            assert (text.encode("latin-1") in found) == (row not in held), (place.name, row)
