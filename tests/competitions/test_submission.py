from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competitions import (
    Competition,
    InvalidSubmission,
    Predictions,
    View,
    Views,
    average_predictions,
    labels_from_probabilities,
    load_competition,
    metric_of,
    read_predictions,
    read_table,
    read_tables,
    submission_frame,
    write_submission,
)

Folder = Callable[..., Path]


def perfect(competition: Competition, views: Views, view: View) -> pd.DataFrame:
    """A submission that is right for the held-out rows and constant for the real test rows."""
    sample = read_table(view.folder / "sample_submission.csv")[0]
    truth = views.answers()
    for row in np.flatnonzero(view.held_out >= 0):
        answer = truth[view.held_out[row]]
        for column in competition.prediction_columns:
            kind = metric_of(competition).prediction
            sample.loc[row, column] = str(float(answer == competition.class_of(column))) if kind == "probability" else str(answer)
    return sample


def read(competition: Competition, view: View, path: Path, probabilities: Path | None = None) -> Predictions:
    return read_predictions(competition, view, path, probabilities)


def test_a_perfect_submission_scores_perfectly_in_any_row_order(example: Competition, tmp_path: Path) -> None:
    views = Views(example, tmp_path / "cache")
    view = views.view("full", 1)
    path = tmp_path / "submission.csv"
    perfect(example, views, view).sample(frac=1, random_state=0).to_csv(path, index=False)
    predictions = read(example, view, path)
    assert predictions.held_out.index.is_monotonic_increasing
    assert set(predictions.held_out.index) == set(view.held_out[view.held_out >= 0])
    assert predictions.test.index.tolist() == list(range(len(read_tables(example).test)))
    actual = views.answers()[predictions.held_out.index]
    best = 1.0 if metric_of(example).greater_is_better else 0.0
    assert metric_of(example).score(example, actual, predictions.held_out) == pytest.approx(best, abs=1e-12)


def test_predictions_go_to_the_samples_order_and_face_and_back(example: Competition, tmp_path: Path) -> None:
    views = Views(example, tmp_path / "cache")
    folds = []
    for fold in range(views.folds):
        view = views.view("full", fold)
        perfect(example, views, view).to_csv(tmp_path / "submission.csv", index=False)
        folds.append(read(example, view, tmp_path / "submission.csv").test)
    mean = average_predictions(example, folds)
    written = write_submission(example, mean, tmp_path / "final.csv")
    frame, face = read_table(written)
    sample, sample_face = read_table(example.folder / "sample_submission.csv")
    assert face == sample_face
    assert frame["id"].tolist() == sample["id"].tolist()
    again = read(example, views.view("full", None), written).test
    pd.testing.assert_frame_equal(again, mean)
    assert not (tmp_path / "final.csv.partial").exists()


def test_missing_predictions_are_refused_and_nothing_is_written(example: Competition, tmp_path: Path) -> None:
    frame = pd.DataFrame({column: ["0"] for column in example.prediction_columns}, index=[0])
    with pytest.raises(ValueError, match="missing for"):
        write_submission(example, frame, tmp_path / "final.csv")
    assert list(tmp_path.iterdir()) == []


BAD_LABELS = {
    "missing column": ("id\n{ids}", r"missing columns \['y'\]"),
    "column too many": ("id,y,z\n{ids,0,0}", r"too many \['z'\]"),
    "an index column": (",id,y\n{9,ids,0}", "index=False"),
    "rows missing": ("id,y\n40,0\n", "1 rows, but the test file has 10"),
    "other ids": ("id,y\n{1ids,0}", r"missing \['40', '41', '42'\], unknown \['140', '141', '142'\]"),
    "repeated ids": ("id,y\n40,0\n{-ids,0}", r"more often.*40"),
    "empty": ("", "empty"),
    "unknown label": ("id,y\n{ids,maybe}", r"\['maybe'\], which are no labels"),
    "missing label": ("id,y\n{ids,}", r"\[''\], which are no labels"),
    "ragged": ("id,y\n{ids}", "1 cells"),
}


def fill(template: str) -> str:
    """'{ids,0}': a line for each test id; '{-ids,0}': for all but the last, from the first on."""
    if "{" not in template:
        return template
    head, _, line = template.partition("{")
    line = line.rstrip("}")
    ids = range(40, 49) if line.startswith("-") else range(40, 50)
    return head + "".join(line.removeprefix("-").replace("ids", str(i)) + "\n" for i in ids)


@pytest.mark.parametrize("case", BAD_LABELS)
def test_an_invalid_submission_says_what_is_wrong(folder_of: Folder, tmp_path: Path, case: str) -> None:
    competition = load_competition(folder_of())
    view = Views(competition, tmp_path / "cache").view("full", None)
    content, said = BAD_LABELS[case]
    (tmp_path / "submission.csv").write_text(fill(content))
    with pytest.raises(InvalidSubmission, match=said):
        read(competition, view, tmp_path / "submission.csv")


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("roc_auc", "nan", "10 cells hold no finite number"),
        ("roc_auc", "inf", "no finite number, such as 'inf'"),
        ("roc_auc", "1.5", r"must lie in \[0, 1\]"),
        ("rmsle", "-1", "must not be negative"),
        ("rmse", "text", "such as 'text'"),
    ],
)
def test_impossible_numbers_are_refused(folder_of: Folder, tmp_path: Path, metric: str, value: str, said: str) -> None:
    competition = load_competition(folder_of(description__md=f"The metric is {metric}."))
    assert competition.metric == metric
    view = Views(competition, tmp_path / "cache").view("full", None)
    (tmp_path / "submission.csv").write_text(fill("id,y\n{ids," + value + "}"))
    with pytest.raises(InvalidSubmission, match=said):
        read(competition, view, tmp_path / "submission.csv")


@pytest.mark.parametrize("content", [b"id,y\n40,\x81\n", b"id,y\n40,\0\n", b"\x89PNG\r\n\x1a\n\0\0"])
def test_what_is_no_text_is_refused(folder_of: Folder, tmp_path: Path, content: bytes) -> None:
    competition = load_competition(folder_of())
    (tmp_path / "submission.csv").write_bytes(content)
    with pytest.raises(InvalidSubmission, match=r"(NUL bytes|neither UTF-8).*to_csv"):
        read(competition, Views(competition, tmp_path / "cache").view("full", None), tmp_path / "submission.csv")


def test_an_absurdly_large_file_is_refused_unread(folder_of: Folder, tmp_path: Path) -> None:
    competition = load_competition(folder_of())
    with (tmp_path / "submission.csv").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(InvalidSubmission, match="50 MB is absurdly large for 10 rows"):
        read(competition, Views(competition, tmp_path / "cache").view("full", None), tmp_path / "submission.csv")


@pytest.mark.parametrize(
    ("classes", "written"),
    [(("0", "1"), "1.0"), (("0", "1"), "True"), (("False", "True"), "true"), (("False", "True"), "1"), ((" no", " yes"), "yes")],
)
def test_another_spelling_of_a_label_is_recognised(folder_of: Folder, tmp_path: Path, classes: tuple[str, str], written: str) -> None:
    train = "id,a,b,y\n" + "".join(f"{i},{i},u,{classes[i % 2]}\n" for i in range(40))
    competition = load_competition(folder_of(train__csv=train))
    (tmp_path / "submission.csv").write_text(fill("id,y\n{ids," + written + "}"))
    predictions = read(competition, Views(competition, tmp_path / "cache").view("full", None), tmp_path / "submission.csv")
    assert set(predictions.test["y"]) == {classes[1]}


def test_ids_that_became_numbers_on_the_way_are_recognised(folder_of: Folder, tmp_path: Path) -> None:
    names = [f"00{i}" for i in range(40, 50)]
    folder = folder_of(
        test__csv="id,a,b\n" + "".join(f"{name},1,u\n" for name in names),
        sample_submission__csv="id,y\n" + "".join(f"{name},0\n" for name in names),
    )
    competition = load_competition(folder)
    view = Views(competition, tmp_path / "cache").view("full", None)
    (tmp_path / "submission.csv").write_text("id,y\n" + "".join(f"{i}.0,{i % 2}\n" for i in reversed(range(40, 50))))
    predictions = read(competition, view, tmp_path / "submission.csv")
    assert predictions.test["y"].tolist() == ["0", "1"] * 5
    assert submission_frame(competition, predictions.test)["id"].tolist() == names


def test_repeated_ids_are_matched_by_their_order(folder_of: Folder, tmp_path: Path) -> None:
    names = ["40", "40", "41", "41", "41", "42", "43", "44", "45", "46"]
    folder = folder_of(
        test__csv="id,a,b\n" + "".join(f"{name},1,u\n" for name in names),
        sample_submission__csv="id,y\n" + "".join(f"{name},0\n" for name in sorted(names, reverse=True)),
    )
    competition = load_competition(folder)
    view = Views(competition, tmp_path / "cache").view("full", None)
    lines = [("41", 1), ("40", 0), ("40", 1), ("41", 0), ("41", 1), ("42", 0), ("43", 0), ("44", 0), ("45", 0), ("46", 1)]
    (tmp_path / "submission.csv").write_text("id,y\n" + "".join(f"{name},{y}\n" for name, y in lines))
    predictions = read(competition, view, tmp_path / "submission.csv").test
    assert predictions["y"].tolist() == ["0", "1", "1", "0", "1", "0", "0", "0", "0", "1"]
    frame = submission_frame(competition, predictions)
    assert frame[frame["id"] == "41"]["y"].tolist() == ["1", "0", "1"]


def test_probabilities_beside_labels_are_read_and_sum_to_one(folder_of: Folder, tmp_path: Path) -> None:
    competition = load_competition(folder_of())
    view = Views(competition, tmp_path / "cache").view("full", 0)
    ids = view.ids["id"]
    (tmp_path / "submission.csv").write_text("id,y\n" + "".join(f"{i},1\n" for i in ids))
    (tmp_path / "probabilities.csv").write_text("id,1,0\n" + "".join(f"{i},0.6,0.2\n" for i in reversed(list(ids))))
    predictions = read(competition, view, tmp_path / "submission.csv", tmp_path / "probabilities.csv")
    assert predictions.test.columns.tolist() == ["y", "p:0", "p:1"]
    np.testing.assert_allclose(predictions.held_out[["p:0", "p:1"]], [[0.25, 0.75]] * len(predictions.held_out))
    assert set(labels_from_probabilities(competition, predictions.test)) == {"1"}
    (tmp_path / "probabilities.csv").write_text("id,1\n" + "".join(f"{i},0.6\n" for i in ids))
    with pytest.raises(InvalidSubmission, match=r"probabilities\.csv: missing columns \['0'\]"):
        read(competition, view, tmp_path / "submission.csv", tmp_path / "probabilities.csv")


def test_labels_are_averaged_by_majority_then_probability_then_first(examples: dict[str, Competition]) -> None:
    digits = examples["digits"]
    votes = [pd.DataFrame({"digit": labels}) for labels in (["1", "5", "3"], ["1", "4", "2"], ["7", "4", "3"], ["7", "5", "2"])]
    assert average_predictions(digits, votes)["digit"].tolist() == ["1", "5", "3"]
    shares = [0.1 * np.eye(10)[[7, 4, 2]] + 0.09 for _ in votes]
    surer = [
        vote.join(pd.DataFrame(share, columns=[f"p:{label}" for label in digits.classes]))
        for vote, share in zip(votes, shares, strict=True)
    ]
    mean = average_predictions(digits, surer)
    assert mean["digit"].tolist() == ["7", "4", "2"]
    assert mean["p:7"].tolist() == pytest.approx([0.19, 0.09, 0.09])


def test_ordinal_labels_are_averaged_as_numbers(folder_of: Folder) -> None:
    train = "id,a,b,y\n" + "".join(f"{i},{i},u,{[3, 4, 5, 9][i % 4]}\n" for i in range(40))
    competition = load_competition(folder_of(train__csv=train, description__md="Quadratic weighted kappa"))
    votes = [pd.DataFrame({"y": labels}) for labels in (["3", "9"], ["3", "9"], ["5", "4"], ["5", "9"])]
    assert average_predictions(competition, votes)["y"].tolist() == ["4", "9"]


def test_numbers_are_averaged_by_their_mean_and_other_rows_are_refused(examples: dict[str, Competition]) -> None:
    diabetes = examples["diabetes"]
    frames = [pd.DataFrame({"progression": [1.0, 2.0]}), pd.DataFrame({"progression": [3.0, 6.0]})]
    assert average_predictions(diabetes, frames)["progression"].tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="same rows"):
        average_predictions(diabetes, [frames[0], frames[1].iloc[:1]])
    with pytest.raises(ValueError, match="nothing to average"):
        average_predictions(diabetes, [])
