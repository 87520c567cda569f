"""competition.py: a split and a score of the user's own."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competitions import CompetitionError, Views, findings, grade, load_competition, metric_of, write_competition_yaml
from competitions.view import Predictions
from evaluation import compare

Folder = Callable[..., Path]
SPLIT = '''
def split(train, test, folds, seed):
    """Rows of the same b stay together."""
    return train["b"].map({"u": 0, "v": 1, "w": -1})
'''
SCORE = '''
greater_is_better = False
prediction = "label"

def score(actual, predicted):
    """Costs: a missed one costs five."""
    missed = (actual["y"] == "1") & (predicted["y"] == "0")
    false = (actual["y"] == "0") & (predicted["y"] == "1")
    return (5 * missed + false).mean()
'''


def test_its_split_decides_which_rows_are_held_out(folder_of: Folder, tmp_path: Path) -> None:
    folder = folder_of(competition__py=SPLIT, competition__yaml="validation: {split: custom, folds: 2}\n")
    competition = load_competition(folder)
    assert competition.validation.evidence == "competition.py: Rows of the same b stay together."
    views = Views(competition, tmp_path / "cache")
    groups = pd.read_csv(folder / "train.csv")["b"].to_numpy()
    for fold, letter in ((0, "u"), (1, "v")):
        view = views.view("full", fold)
        held = view.held_out[view.held_out >= 0].to_numpy()
        assert set(groups[held]) == {letter}
        assert len(held) == (groups == letter).sum()
        assert not (view.folder / "competition.py").exists()
    found = {one.field: one for one in findings(competition)}
    assert found["validation"].value == "custom, 2 folds"


def test_another_split_makes_other_views(folder_of: Folder, tmp_path: Path) -> None:
    folder = folder_of(competition__py=SPLIT, competition__yaml="validation: {split: custom, folds: 2}\n")
    before = Views(load_competition(folder), tmp_path / "cache").view("full", 0)
    (folder / "competition.py").write_text(SPLIT.replace('"u": 0, "v": 1', '"u": 1, "v": 0'))
    after = Views(load_competition(folder), tmp_path / "cache").view("full", 0)
    assert before.folder != after.folder
    assert set(before.held_out) != set(after.held_out)


def test_its_score_is_the_metric_everywhere(folder_of: Folder, tmp_path: Path) -> None:
    answers = "id,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40, 50))
    folder = folder_of(competition__py=SCORE, answers__csv=answers, competition__yaml="answers: answers.csv\n")
    competition = load_competition(folder)
    metric = metric_of(competition)
    assert (competition.metric, competition.task, competition.metric_evidence) == (
        "custom",
        "binary",
        "competition.py: Costs: a missed one costs five.",
    )
    assert (metric.greater_is_better, metric.prediction) == (False, "label")
    actual, zeros = pd.Series(["0", "1", "1", "0"]), pd.DataFrame({"y": ["0"] * 4})
    assert metric.score(competition, actual, zeros) == 2.5
    assert metric.score(competition, actual, zeros, np.array([1, 3, 0, 0])) == 3.75
    predictions = [Predictions(frame, zeros[:0]) for frame in (actual.to_frame("y"), zeros)]
    better = compare(competition, actual, predictions[:1], predictions[1:])
    assert better.delta == 2.5
    assert better.standard_error > 0
    (tmp_path / "submission.csv").write_text("id,y\n" + "".join(f"{i},0\n" for i in range(40, 50)))
    graded = grade(competition, tmp_path / "submission.csv")
    assert (graded.score, graded.is_lower_better) == (2.5, True)
    written = write_competition_yaml(competition, tmp_path / "competition.yaml")
    assert load_competition(written) == competition


def test_several_targets_are_scored_at_once(folder_of: Folder) -> None:
    script = """
greater_is_better, prediction = True, "number"

def score(actual, predicted):
    return -abs(actual.sum(axis=1) - predicted.sum(axis=1)).max()
"""
    folder = folder_of(
        train__csv="id,a,b,y,z\n" + "".join(f"{i},{i},u,{i}.5,{-i}\n" for i in range(40)),
        sample_submission__csv="id,y,z\n" + "".join(f"{i},0,0\n" for i in range(40, 50)),
        competition__py=script,
    )
    competition = load_competition(folder)
    assert (competition.target_columns, competition.task) == (("y", "z"), "regression")
    predicted = pd.DataFrame({"y": [1.0, 2.0], "z": [0.0, 0.0]})
    assert metric_of(competition).score(competition, pd.Series([(1.0, 1.0), (5.0, 0.0)]), predicted) == -3.0


@pytest.mark.parametrize(
    ("script", "yaml", "says"),
    [
        ("import nothing_of_this_name\n", "", r"competition\.py: ModuleNotFoundError.* — it is imported when"),
        ("raise SystemExit(3)\n", "", r"competition\.py: SystemExit: 3 — "),
        ("def split(\n", "", r"competition\.py: SyntaxError"),
        ("x = 1\n", "", r"no split and no score — define one"),
        ("def score(actual, predicted): return 1.0\n", "", r"field 'greater_is_better': None — write"),
        (
            "greater_is_better = True\nprediction = 'guess'\ndef score(a, p): return 1.0\n",
            "",
            r"field 'prediction': guess — .*'label', 'prob",
        ),
        (SCORE.replace(".mean()", ""), "", r"field 'score': TypeError.* — score must give a number"),
        (SCORE.replace("(5 * missed + false).mean()", "float('nan')"), "", r"field 'score': nan — true values of 40"),
        (SCORE, "metric: accuracy\n", r"competition\.yaml: field 'metric': accuracy — competition\.py has a score"),
        (SPLIT, "validation: {split: plain}\n", r"field 'validation\.split': plain — competition\.py has a split"),
        (SCORE, "validation: {split: custom}\n", r"field 'validation\.split': custom — competition\.py has no split"),
        (SPLIT, "metric: custom\n", r"field 'metric': custom — choose one of"),
        (SPLIT, "", r"field 'split': no row is in fold 2 of 5"),
        (
            "def split(train, test, folds, seed): return [0, 1]\n",
            "",
            r"field 'split': \(2,\) values such as .*each of the 40 training rows",
        ),
        ("def split(train, test, folds, seed): return [0.5] * 40\n", "", r"field 'split': \(40,\) values such as \[0\.5"),
        ("def split(train, test): return 0\n", "", r"field 'split': TypeError"),
    ],
)
def test_what_is_wrong_with_it_is_one_clear_error(folder_of: Folder, script: str, yaml: str, says: str) -> None:
    folder = folder_of(competition__py=script, competition__yaml=yaml or None)
    with pytest.raises(CompetitionError, match=says) as raised:
        load_competition(folder)
    assert re.search(r"competition\.(py|yaml)", str(raised.value))
