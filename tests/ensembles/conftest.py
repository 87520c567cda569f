"""Real members for the tests: small scripts, run as processes on the views of an example competition, once a session."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from competitions import (
    Brief,
    Predictions,
    View,
    Views,
    ViewSource,
    load_competition,
    make_brief,
    make_example,
    metric_of,
    read_predictions,
)
from ensembles import MemberPredictions

LOAD = """# %% load
import numpy as np
import pandas as pd

train, test = pd.read_csv("input/train.csv"), pd.read_csv("input/test.csv")
sample = pd.read_csv("input/sample_submission.csv")
(target,) = [c for c in train.columns if c not in test.columns]
features = [c for c in test.columns if c != "id"]
middle, spread = train[features].mean(), train[features].std().replace(0, 1)
X, X_test = (((t[features] - middle) / spread).to_numpy() for t in (train, test))
"""
CODES = """
# %% labels
labels, codes = np.unique(train[target].astype(str), return_inverse=True)
T = np.eye(len(labels))[codes]
"""
VALUES = """
# %% labels
T = train[[target]].to_numpy(float)
"""
MODELS = {
    "least squares": """
# %% model
A, A_test = (np.column_stack([np.ones(len(x)), x]) for x in (X, X_test))
P = A_test @ np.linalg.solve(A.T @ A + 20 * np.eye(A.shape[1]), A.T @ T)
""",
    "neighbours": """
# %% model
D = (X_test**2).sum(axis=1)[:, None] - 2 * X_test @ X.T + (X**2).sum(axis=1)
P = T[np.argpartition(D, 15, axis=1)[:, :15]].mean(axis=1)
""",
    "kernel": """
# %% model
D = (X_test**2).sum(axis=1)[:, None] - 2 * X_test @ X.T + (X**2).sum(axis=1)
W = np.exp(-(D - D.min(axis=1, keepdims=True)) / X.shape[1] * 3)
P = W @ T / W.sum(axis=1, keepdims=True)
""",
}
WRITE_CLASSES = """
# %% write
P = P.clip(0.01, 1)
P /= P.sum(axis=1, keepdims=True)
out = sample[["id"]].copy()
columns = [c for c in sample.columns if c != "id"]
if len(columns) > 1:
    out[list(labels)] = P
elif {labels}:
    out[columns[0]] = labels[P.argmax(axis=1)]
    pd.concat([out[["id"]], pd.DataFrame(P, columns=labels)], axis=1).to_csv("probabilities.csv", index=False)
else:
    out[columns[0]] = P[:, list(labels).index({positive!r})]
out[["id", *columns]].to_csv("submission.csv", index=False)
"""
WRITE_VALUES = """
# %% write
out = sample[["id"]].copy()
out[sample.columns[1]] = P[:, 0]
out.to_csv("submission.csv", index=False)
"""


def run_process(code: str, input_folder: Path, place: Path) -> str:
    """Run a script in a new folder, on an input folder; what it printed. Its standard error must be empty."""
    place.mkdir(parents=True)
    (place / "solution.py").write_text(code)
    (place / "input").symlink_to(input_folder)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, "solution.py"], cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def run_script(code: str, source: ViewSource, view: View, place: Path) -> Predictions:
    """Run a script on a view and read what it predicted."""
    run_process(code, view.folder, place)
    probabilities = place / "probabilities.csv"
    return read_predictions(source.competition, view, place / "submission.csv", probabilities if probabilities.is_file() else None)


def mean_score(source: ViewSource, folds: Sequence[Predictions]) -> float:
    competition, answers = source.competition, source.answers()
    return float(np.mean([metric_of(competition).score(competition, answers.loc[fold.held_out.index], fold.held_out) for fold in folds]))


@dataclass(frozen=True)
class Case:
    """An example competition with its members' scripts and predictions."""

    views: Views
    brief: Brief
    scripts: tuple[tuple[int, str, str], ...]
    members: tuple[MemberPredictions, ...]

    run = staticmethod(run_script)
    score = staticmethod(mean_score)


def make_case(name: str, folds: int, place: Path, final: bool = False) -> Case:
    competition = load_competition(make_example(name, place / "data"))
    views = Views(competition, place / "views", folds=folds)
    labels = metric_of(competition).prediction == "label"
    write = WRITE_CLASSES.format(labels=labels, positive=competition.positive_class) if competition.classes else WRITE_VALUES
    scripts = tuple(
        (number, title, LOAD + (CODES if competition.classes else VALUES) + model + write)
        for number, (title, model) in zip((3, 7, 12), MODELS.items(), strict=True)
    )

    def run(number: int, code: str, fold: int | None) -> Predictions:
        return run_script(code, views, views.view("search", fold), place / f"run-{number}-{fold}")

    members = tuple(
        MemberPredictions(number, [run(number, code, fold) for fold in range(folds)], run(number, code, None) if final else None)
        for number, _, code in scripts
    )
    return Case(views, make_brief(competition), scripts, members)


@pytest.fixture(scope="session")
def case_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Case]:
    made: dict[tuple[str, int, bool], Case] = {}

    def case(name: str, folds: int = 2, final: bool = False) -> Case:
        key = (name, folds, final)
        if key not in made:
            made[key] = make_case(*key[:2], tmp_path_factory.mktemp(name), final)
        return made[key]

    return case


@pytest.fixture(scope="session")
def run() -> Callable[[str, Path, Path], str]:
    return run_process
