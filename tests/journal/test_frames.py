import subprocess
import sys
from pathlib import Path

import pytest

from journal import open_run
from tests.mlestar.runs import HOSTILE, finished_run


def test_the_frames_hold_what_the_journal_says(tmp_path: Path) -> None:
    run = open_run(finished_run(tmp_path).folder)
    candidates = run.candidates()
    assert sorted(candidates.index) == [1, 1001, 1002, 1003, 2001]
    assert candidates.loc[1003, "score"] == 1.8 and candidates.loc[1003, "parents"] == (1001,)
    assert candidates.loc[2001, "status"] == "crashed"
    folds = run.evaluations()
    assert len(folds) == 10
    assert folds.groupby("candidate").score.mean().loc[1002] == pytest.approx(2.5)
    (row,) = run.ablations().to_dict("records")
    assert (row["block"], row["delta"], row["standard_error"], row["base"]) == ("features", 0.5, 0.1, 1001)


def test_a_notebook_shows_the_best_candidates_first_and_foreign_text_as_text(tmp_path: Path) -> None:
    run = finished_run(tmp_path, competition="<b>toy")
    html = run._repr_html_()
    assert "ended: search complete" in html
    assert html.index("1.6") < html.index("1.8") < html.index("2.5")
    assert "<b>toy" not in html and "&lt;b&gt;toy" in html
    assert HOSTILE.split("\n", maxsplit=1)[0][-7:] in html


def test_pandas_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys, journal; print('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
