"""A run is set up: what it has before its first step."""

from pathlib import Path
from time import monotonic, sleep

import pytest

from competitions import make_example
from flows.workshop import Order, Workshop, new_run, old_run
from journal import Settings


@pytest.fixture
def competition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MLESTAR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MLESTAR_SLOTS", str(tmp_path / "slots"))
    return make_example("wine-recognition", tmp_path / "competitions")


def elapsed(workshop: Workshop) -> float:
    return workshop.context(evaluate=None).clock.elapsed()  # nothing is evaluated here


def test_a_runs_time_begins_with_the_process_not_with_its_first_step(competition: Path, tmp_path: Path) -> None:
    settings = Settings(seconds=60.0, isolation="none")
    made = new_run(Order(competition, settings, tmp_path / "runs", "r", began=monotonic() - 20.0))
    assert 20.0 <= made.run.seconds_used() < 30.0, "a large table was read before"
    assert 20.0 <= elapsed(made) < 30.0
    made.run.close()
    sleep(0.1)
    again = old_run(made.run.folder, began=monotonic() - 10.0)
    assert 30.0 <= elapsed(again) < 45.0, "what both processes used"
    assert again.run.seconds_used() == pytest.approx(elapsed(again), abs=2.0)
    again.run.close()


def test_a_long_run_of_the_recipes_searches_nearly_to_its_end(competition: Path, tmp_path: Path) -> None:
    deadlines = {}
    for seconds in (100.0, 3600.0):
        made = new_run(Order(competition, Settings(seconds=seconds, isolation="none"), tmp_path / "runs", f"r{seconds:g}"))
        clock = made.context(evaluate=None).clock
        deadlines[seconds] = clock.seconds_in_all(1), clock.seconds_in_all(0)
        made.run.close()
    assert deadlines[100.0] == (pytest.approx(80.0), pytest.approx(93.0))
    assert deadlines[3600.0] == (3525.0, 3585.0)
