"""What is handed over when folds have not seen, or do not predict, everything."""

from pathlib import Path

import pandas as pd

from tests.nodes.conftest import Bench

QUICK = {"tracks": 1, "models": 2, "outer_steps": 0, "ensemble_rounds": 1}


def submission(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "final" / "submission.csv")


async def test_one_holdout_is_refitted_on_all_rows(bench: Bench) -> None:
    bench.folds = 1
    run = await bench.solve(bench.new(**QUICK))
    chosen = run.finished.chosen if run.finished else None
    assert chosen is not None
    fidelities = {entry.name for entry in run.candidate_folder(chosen).iterdir() if entry.is_dir()}
    assert "full-final" in fidelities
    assert len(submission(run.folder)) == 20


async def test_a_subsample_is_refitted_on_all_rows(bench: Bench) -> None:
    bench.rows, bench.search_rows = 300, 100
    run = await bench.solve(bench.new(**QUICK))
    assert run.finished is not None and run.finished.chosen is not None
    assert (run.candidate_folder(run.finished.chosen) / "full-final").is_dir()
    assert "FINAL_ASSIGNMENT" in (run.folder / "final" / "solution.py").read_text()


async def test_folds_see_all_rows_so_nothing_is_refitted(bench: Bench) -> None:
    run = await bench.solve(bench.new(**QUICK))
    assert not list((run.folder / "candidates").glob("*/full-*"))
