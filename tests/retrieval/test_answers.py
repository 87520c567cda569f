"""Recipes for answers that are neither one label nor one number: they must find what is there to be found."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from competitions import Views, load_competition, make_brief, metric_of, read_predictions
from retrieval import compose, rank

pytestmark = pytest.mark.slow
WORDS = ["ship", "river", "stone", "light", "green", "seven", "quiet", "lamp", "north", "paper", "glass", "winter"]


def score(folder: Path, place: Path, recipe: int = 0) -> float:
    """Of the recipe on the first of three folds."""
    competition = load_competition(folder)
    brief = make_brief(competition)
    views = Views(competition, place / "cache", folds=3)
    view = views.view("full", 0)
    (place / "solution.py").write_text(str(compose(rank(brief)[recipe], brief, seconds=10)))
    (place / "input").symlink_to(view.folder)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "solution.py"], cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    predictions = read_predictions(competition, view, place / "submission.csv", None)
    return metric_of(competition).score(competition, views.answers().loc[predictions.held_out.index], predictions.held_out)


def write(folder: Path, train: pd.DataFrame, targets: dict[str, object], description: str) -> Path:
    """The last fifth of the rows is the test."""
    folder.mkdir(parents=True, exist_ok=True)
    known = len(train) * 4 // 5
    train[:known].to_csv(folder / "train.csv", index=False)
    test = train[known:].drop(columns=list(targets))
    test.to_csv(folder / "test.csv", index=False)
    test[["id"]].assign(**targets).to_csv(folder / "sample_submission.csv", index=False)
    (folder / "description.md").write_text(f"# Evaluation\n\n{description}")
    return folder


def numbers(rows: int) -> pd.DataFrame:
    values = np.random.default_rng(0).normal(size=(rows, 3))
    return pd.DataFrame(values, columns=["a", "b", "c"]).assign(id=[f"r{row:04}x" for row in range(rows)])


def test_each_of_several_labels_has_models_of_its_own(tmp_path: Path) -> None:
    table = numbers(300)
    table = table.assign(hot=(table["a"] > 0).astype(int), wet=(table["b"] > 0.5).astype(int), old=(table["c"] < 0).astype(int))
    folder = write(tmp_path / "data", table, {"hot": 0.5, "wet": 0.5, "old": 0.5}, "The score is the mean column-wise ROC AUC.")
    assert score(folder, tmp_path) > 0.95


def test_several_numbers_have_models_of_their_own(tmp_path: Path) -> None:
    table = numbers(300)
    table = table.assign(energy=np.exp(table["a"]).round(4), gap=np.exp(table["b"]).round(4))
    folder = write(tmp_path / "data", table, {"energy": 1.5, "gap": 0.1}, "Column-wise root mean squared logarithmic error.")
    assert score(folder, tmp_path) < 0.3


def test_a_ranking_begins_with_the_most_likely_label(tmp_path: Path) -> None:
    table = numbers(300)
    table["spot"] = [f"place-{int(np.clip(2 * value + 3, 0, 5))}" for value in table["a"]]
    folder = write(tmp_path / "data", table, {"spot": "place-0 place-1 place-2"}, "Mean Average Precision at 3 (MAP@3).")
    assert score(folder, tmp_path) > 0.85


def test_the_span_that_carries_the_mood_is_found(tmp_path: Path) -> None:
    lots = np.random.default_rng(0)
    rows = []
    for row in range(400):
        around = [list(lots.choice(WORDS, 4)), list(lots.choice(WORDS, 3))]
        core = ["so", "very", ("fine", "awful")[row % 2]]
        whole = " ".join([*around[0], *core, *around[1]])
        rows.append({"id": f"r{row:04}x", "text": whole, "mood": ("glad", "sad")[row % 2], "chosen": " ".join(core)})
    folder = write(tmp_path / "data", pd.DataFrame(rows), {"chosen": ""}, "The metric is the word-level Jaccard score.")
    assert score(folder, tmp_path) > 0.9


def test_masks_are_found_in_their_pictures(tmp_path: Path) -> None:
    lots, rows = np.random.default_rng(0), []
    down, right = np.mgrid[:24, :32]
    for row in range(60):
        disc = (down - lots.integers(5, 19)) ** 2 + (right - lots.integers(5, 27)) ** 2 < 20
        side = tmp_path / "data" / ("train_images" if row < 48 else "test_images")
        side.mkdir(parents=True, exist_ok=True)
        Image.fromarray((disc * 150 + lots.integers(0, 100, disc.shape)).astype(np.uint8)).save(side / f"r{row:04}x.png")
        edges = np.flatnonzero(np.diff(np.concatenate([[0], disc.T.ravel().astype(int), [0]])))
        runs = " ".join(f"{a + 1} {b - a}" for a, b in zip(edges[::2], edges[1::2], strict=True))
        rows.append({"id": f"r{row:04}x", "rle_mask": runs})
    folder = write(tmp_path / "data", pd.DataFrame(rows), {"rle_mask": "1 1"}, "The mean Dice coefficient of run-length encoded masks.")
    assert score(folder, tmp_path) > 0.85


@pytest.mark.parametrize("recipe", [0, 1, 2])
def test_dirty_pictures_are_cleaned(tmp_path: Path, recipe: int) -> None:
    if recipe == 2:
        pytest.importorskip("torch")
    lots, ids, folder = np.random.default_rng(0), [], tmp_path / "data"
    for side in ("train", "train_cleaned", "test"):
        (folder / side).mkdir(parents=True)
    for number in range(1, 13):
        clean = np.where(lots.random((40, 48)) < 0.1, 0.0, 255.0)
        stains = gaussian_filter(lots.normal(size=clean.shape), 8)
        dirty = np.clip(clean - 100 * (stains > 0.02) * (clean > 0) + lots.normal(0, 8, clean.shape), 0, 255)
        Image.fromarray(dirty.astype(np.uint8)).save(folder / ("train" if number <= 9 else "test") / f"{number}.png")
        if number <= 9:
            Image.fromarray(clean.astype(np.uint8)).save(folder / "train_cleaned" / f"{number}.png")
        else:
            ids += [f"{number}_{row + 1}_{column + 1}" for row in range(40) for column in range(48)]
    pd.DataFrame({"id": ids, "value": 1}).to_csv(folder / "sampleSubmission.csv", index=False)
    (folder / "description.md").write_text("# Evaluation\n\nThe root mean squared error of the pixel intensities, from 0 to 1.")
    assert score(folder, tmp_path, recipe) < (0.05, 0.16, 0.16)[recipe]
