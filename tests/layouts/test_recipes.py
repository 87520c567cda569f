import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from competitions import Views, load_competition, make_brief, metric_of, read_predictions
from retrieval import compose, rank
from tests.layouts.generators import LAYOUTS


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_first_recipe_predicts_the_held_out_rows_of_every_layout(name: str, tmp_path: Path) -> None:
    competition = load_competition(LAYOUTS[name](tmp_path / "data").folder)
    brief = make_brief(competition)
    views = Views(competition, tmp_path / "cache", folds=3)
    view = views.view("full", 0)
    place = tmp_path / "run"
    place.mkdir()
    (place / "solution.py").write_text(str(compose(rank(brief)[0], brief)))
    (place / "input").symlink_to(view.folder)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "solution.py"], cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    probabilities = place / "probabilities.csv"
    predictions = read_predictions(competition, view, place / "submission.csv", probabilities if probabilities.is_file() else None)
    score = metric_of(competition).score(competition, views.answers().loc[predictions.held_out.index], predictions.held_out)
    assert pd.notna(score)
