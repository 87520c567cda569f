import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from competitions import Competition, CompetitionError, grade, load_competition, medal_thresholds

TABULAR = ["adult-census", "bike-sharing-demand", "california-housing", "spaceship-titanic", "titanic", "wine-quality"]


@pytest.fixture
def reference(development: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_grade", development / "grade.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", TABULAR)
def test_the_grade_is_the_reference_graders(development: Path, reference: ModuleType, tmp_path: Path, name: str) -> None:
    competition = load_competition(development / name)
    submission = pd.read_csv(competition.folder / competition.path("sample_submission"))
    column, rng = competition.prediction_columns[0], np.random.default_rng(0)
    if competition.metric == "roc_auc":
        submission[column] = rng.random(len(submission)).round(2)
    elif competition.classes:
        submission[column] = rng.choice(competition.classes, len(submission))
    else:
        submission[column] = submission[column] * rng.uniform(0.5, 1.5, len(submission))
    submission.sample(frac=1, random_state=1).to_csv(tmp_path / "random.csv", index=False)
    (tmp_path / "short.csv").write_text("\n".join((tmp_path / "random.csv").read_text().splitlines()[:-1]) + "\n")
    (tmp_path / "sample.csv").write_bytes((competition.folder / competition.path("sample_submission")).read_bytes())
    for file in ("random.csv", "short.csv", "sample.csv", "absent.csv"):
        ours, theirs = grade(competition, tmp_path / file).model_dump(), reference.grade(development, name, tmp_path / file)
        assert set(ours) == set(theirs)
        free = {"created_at", "error"}
        assert {key: value for key, value in ours.items() if key not in free} == {
            key: value for key, value in theirs.items() if key not in free
        }
        assert (ours["error"] is None) == (theirs["error"] is None)


def test_the_sample_submission_of_an_example_is_valid_and_the_truth_is_perfect(example: Competition, tmp_path: Path) -> None:
    found = grade(example, example.folder / "sample_submission.csv")
    assert found.valid_submission
    assert not found.any_medal
    assert found.gold_threshold is None
    assert example.answers is not None
    truth = pd.read_csv(example.answers, dtype=str)
    if example.metric in ("roc_auc", "log_loss"):
        columns = {column: (truth[example.target] == example.class_of(column)).astype(float) for column in example.prediction_columns}
        truth = truth[["id"]].assign(**columns)
    truth.to_csv(tmp_path / "truth.csv", index=False)
    assert grade(example, tmp_path / "truth.csv").score == (1.0 if example.metric in ("roc_auc", "accuracy") else 0.0)


def test_an_invalid_submission_has_a_reason_and_no_score(example: Competition, tmp_path: Path) -> None:
    (tmp_path / "submission.csv").write_text("id,other\n1,2\n")
    found = grade(example, tmp_path / "submission.csv")
    assert (found.score, found.valid_submission, found.submission_exists) == (None, False, True)
    assert found.error is not None
    assert "missing columns" in found.error


@pytest.mark.parametrize(
    ("teams", "ranks"),
    [(5, (1, 1, 2)), (99, (9, 19, 39)), (100, (10, 20, 40)), (249, (10, 49, 99)), (999, (11, 50, 100)), (2000, (14, 100, 200))],
)
def test_medals_follow_the_number_of_teams(tmp_path: Path, teams: int, ranks: tuple[int, int, int]) -> None:
    pd.DataFrame({"rank": range(1, teams + 1), "score": range(1, teams + 1)}).to_csv(tmp_path / "leaderboard.csv", index=False)
    found = medal_thresholds(tmp_path / "leaderboard.csv")
    assert (found["gold"], found["silver"], found["bronze"]) == ranks
    assert found["median"] == (teams + 1) / 2


def test_lower_scores_win_where_lower_is_better(examples: dict[str, Competition], tmp_path: Path) -> None:
    diabetes = examples["diabetes"]
    assert diabetes.answers is not None
    pd.DataFrame({"rank": range(1, 11), "score": np.arange(10) + 0.5}).to_csv(tmp_path / "leaderboard.csv", index=False)
    ranked = diabetes.model_copy(update={"leaderboard": tmp_path / "leaderboard.csv"})
    pd.read_csv(diabetes.answers).to_csv(tmp_path / "truth.csv", index=False)
    found = grade(ranked, tmp_path / "truth.csv")
    assert (found.is_lower_better, found.gold_medal, found.silver_medal, found.any_medal, found.above_median) == (
        True,
        True,
        False,
        True,
        True,
    )
    assert not grade(ranked, diabetes.folder / "sample_submission.csv").any_medal


def test_a_competition_without_answers_cannot_be_graded(example: Competition) -> None:
    with pytest.raises(CompetitionError, match="answers"):
        grade(example.model_copy(update={"answers": None}), example.folder / "sample_submission.csv")
