import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from competitions import Competition, CompetitionError, load_competition, make_brief, write_competition_yaml

Folder = Callable[..., Path]
EXPECTED = {
    "breast-cancer": ("roc_auc", "binary", ("diagnosis",), "malignant", "stratified"),
    "diabetes": ("rmse", "regression", ("progression",), None, "plain"),
    "digits": ("accuracy", "multiclass", ("digit",), None, "stratified"),
    "wine-recognition": ("log_loss", "multiclass", ("first", "second", "third"), None, "stratified"),
}
DEVELOPMENT = {
    "adult-census": ("roc_auc", "binary", ("income",), ">50K"),
    "bike-sharing-demand": ("rmsle", "regression", ("count",), None),
    "california-housing": ("rmse", "regression", ("median_house_value",), None),
    "movie-review-sentiment-analysis-kernels-only": ("accuracy", "multiclass", ("Sentiment",), None),
    "spaceship-titanic": ("accuracy", "binary", ("Transported",), "True"),
    "titanic": ("accuracy", "binary", ("Survived",), "1"),
    "wine-quality": ("quadratic_weighted_kappa", "multiclass", ("quality",), None),
}


def test_an_example_is_inferred_from_its_files(example: Competition) -> None:
    found = (example.metric, example.task, example.prediction_columns, example.positive_class, example.validation.split)
    assert found == EXPECTED[example.id]
    assert example.id_columns == ("id",)
    assert example.metric_evidence.startswith("the description: “The metric is")
    assert example.answers is not None


@pytest.mark.parametrize("name", DEVELOPMENT)
def test_a_development_competition_is_inferred_from_its_files(development: Path, name: str) -> None:
    competition = load_competition(development / name)
    assert (competition.metric, competition.task, competition.prediction_columns, competition.positive_class) == DEVELOPMENT[name]


def test_a_written_competition_yaml_loads_to_the_same(example: Competition, tmp_path: Path) -> None:
    path = write_competition_yaml(example, tmp_path / "competition.yaml")
    assert load_competition(path) == example


def test_competition_yaml_may_leave_out_whatever_can_be_inferred(folder_of: Folder) -> None:
    folder = folder_of(competition__yaml="metric: roc_auc\npositive_class: '0'\nvalidation: {split: grouped, column: b, folds: 3}\n")
    competition = load_competition(folder)
    assert (competition.id, competition.metric, competition.task, competition.positive_class) == ("small", "roc_auc", "binary", "0")
    assert (competition.validation.split, competition.validation.column) == ("grouped", "b")


def test_the_data_may_lie_elsewhere(folder_of: Folder, tmp_path: Path) -> None:
    folder = folder_of()
    (tmp_path / "described").mkdir()
    (tmp_path / "described" / "competition.yaml").write_text("id: elsewhere\n")
    assert load_competition(tmp_path / "described", data=folder).folder == folder
    (tmp_path / "described" / "competition.yaml").write_text("data: ../small\n")
    assert load_competition(tmp_path / "described").folder == folder


def test_a_submission_without_ids_is_matched_by_order(folder_of: Folder) -> None:
    competition = load_competition(folder_of(sample_submission__csv="y\n" + "0\n" * 10))
    assert competition.id_columns == ()
    assert competition.prediction_columns == ("y",)


def test_an_unnamed_metric_follows_from_target_and_sample(folder_of: Folder) -> None:
    sample = "id,y\n" + "".join(f"{i},0.5\n" for i in range(40, 50))
    competition = load_competition(folder_of(description__md=None, sample_submission__csv=sample))
    assert competition.metric == "roc_auc"
    assert "names no metric" in competition.metric_evidence


def test_a_prediction_column_of_another_name_is_the_only_train_only_column(folder_of: Folder) -> None:
    competition = load_competition(folder_of(sample_submission__csv="id,prediction\n" + "".join(f"{i},0\n" for i in range(40, 50))))
    assert (competition.target_columns, competition.prediction_columns) == (("y",), ("prediction",))


def test_all_missing_features_and_odd_files_do_no_harm(folder_of: Folder) -> None:
    train = "id,a,b,y\n" + "".join(f"{i},,{i},{i % 2}\n" for i in range(40))
    folder = folder_of(train__csv=train, notes__txt="hello", weather__csv="b,rain\n1,2\n")
    competition = load_competition(folder)
    assert competition.shared == ("description.md", "notes.txt", "weather.csv")
    column = make_brief(competition).columns[0]
    assert (column.name, column.kind, column.missing, column.distinct) == ("a", "constant", 1.0, 0)


TRAIN = "id,a,b,y\n" + "".join(f"{i},{i},u,{{}}\n" for i in range(40))
BAD: dict[str, tuple[dict[str, str | bytes | None], str, str]] = {
    "no training table": ({"train__csv": None}, "no train table", "add train.csv"),
    "no test table": ({"test__csv": None}, "no test table", "add test.csv"),
    "no sample": ({"sample_submission__csv": None}, "no sample_submission table", "add sample_submission.csv"),
    "target not in train": ({"train__csv": "id,a,b\n" + "1,2,u\n" * 40}, "no column of the training table fits", "competition.yaml"),
    "declared target not in train": ({"competition__yaml": "target_columns: [z]\n"}, "'z'", "target_columns"),
    "ids differ": ({"sample_submission__csv": "id,y\n" + "".join(f"{i},0\n" for i in range(50, 60))}, "'id'", "as they are in the test"),
    "rows differ": ({"sample_submission__csv": "id,y\n40,0\n"}, "1 rows", "one row for each test row"),
    "empty file": ({"train__csv": ""}, "empty", "UTF-8 table"),
    "header only": ({"test__csv": "id,a,b\n"}, "header without rows", "at least one row"),
    "wrong delimiter": ({"train__csv": "id a b y\n" + "1 2 u 0\n" * 40}, "one column only", "commas"),
    "ragged": ({"train__csv": "id,a,b,y\n1,2,u,0\n1,2,u\n"}, "about line 3: 3 cells", "UTF-8 table"),
    "no text": ({"train__csv": b"id,a,b,y\n1,2,\x81,0\n"}, "0x81 in line 2", "UTF-8"),
    "repeated columns": ({"train__csv": "id,a,a,y\n1,2,3,0\n"}, "repeated column names ['a']", "UTF-8 table"),
    "one class": ({"train__csv": TRAIN.format(*[1] * 40)}, "'1' in every row", "two values"),
    "target all missing": ({"train__csv": TRAIN.format(*[""] * 40)}, "missing in 40 of 40", "remove"),
    "metric does not fit text": ({"description__md": "RMSE", "train__csv": TRAIN.format(*["p", "q"] * 20)}, "rmse needs numbers", "'y'"),
    "metric does not fit number": ({"competition__yaml": "metric: roc_auc", "train__csv": TRAIN.format(*range(40))}, "roc_auc", "'y'"),
    "negative counts": ({"description__md": "RMSLE", "train__csv": TRAIN.format(*range(-5, 35))}, "goes down to -5", "'y'"),
    "unknown metric": ({"competition__yaml": "metric: goodness"}, "goodness", "choose one of roc_auc"),
    "unknown field": ({"competition__yaml": "metrics: auc"}, "'metrics'", "the fields are: id"),
    "invalid YAML": ({"competition__yaml": "metric: [auc"}, "competition.yaml", "valid YAML"),
    "wrong sample columns": (
        {"sample_submission__csv": "id,p,q\n" + "".join(f"{i},0,1\n" for i in range(40, 50))},
        "['p', 'q']",
        "name it",
    ),
    "sample without predictions": (
        {"sample_submission__csv": "id\n" + "".join(f"{i}\n" for i in range(40, 50))},
        "every column",
        "add the",
    ),
    "a table with the labels": ({"full__csv": "id,y\n40,1\n"}, "full.csv", "move it out"),
    "target in the test table": (
        {"competition__yaml": "target_columns: [a]\nprediction_columns: [y]"},
        "has the target",
        "take the column out",
    ),
    "unknown positive class": ({"competition__yaml": "positive_class: maybe"}, "maybe", "['0', '1']"),
    "file outside the folder": ({"competition__yaml": "files: [{path: ../x.csv, role: train}]"}, "../x.csv", "no such file"),
    "no group column": ({"competition__yaml": "validation: {split: grouped, column: z}"}, "'validation.column': z", "needs a column"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gives_one_line_with_value_and_remedy(folder_of: Folder, case: str) -> None:
    changed, value, remedy = BAD[case]
    folder = folder_of(**changed)
    before = sorted(folder.iterdir())
    with pytest.raises(CompetitionError) as caught:
        load_competition(folder)
    said, _, advice = str(caught.value).partition(" — ")
    assert value in said
    assert remedy in advice
    assert "\n" not in str(caught.value)
    assert sorted(folder.iterdir()) == before


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompetitionError, match="nowhere"):
        load_competition(tmp_path / "nowhere")


def test_a_plain_copy_of_the_public_files_loads_alike(example: Competition, tmp_path: Path) -> None:
    shutil.copytree(example.folder, tmp_path / example.id)
    plain = load_competition(tmp_path / example.id)
    assert plain.model_dump() == example.model_dump()
    assert plain.answers is None


def test_a_test_that_lies_after_train_is_validated_by_time(folder_of: Folder) -> None:
    train = "id,day,y\n" + "".join(f"{i},2020-01-{i % 28 + 1:02},{i % 2}\n" for i in range(40))
    test = "id,day\n" + "".join(f"{i},2020-02-{i % 28 + 1:02}\n" for i in range(40, 50))
    validation = load_competition(folder_of(train__csv=train, test__csv=test)).validation
    assert (validation.split, validation.column) == ("time", "day")
    assert "2020-01-28" in validation.evidence


@pytest.mark.parametrize(("first", "split"), [(1000, "grouped"), (0, "stratified")])
def test_groups_are_kept_together_only_where_the_test_has_others(folder_of: Folder, first: int, split: str) -> None:
    train = "id,patient,y\n" + "".join(f"{i},{i // 3},{i % 2}\n" for i in range(90))
    test = "id,patient\n" + "".join(f"{i},{first + i // 3}\n" for i in range(100, 110))
    sample = "id,y\n" + "".join(f"{i},0\n" for i in range(100, 110))
    if first == 0:
        test = test.replace("100,33", "100,5")
    validation = load_competition(folder_of(train__csv=train, test__csv=test, sample_submission__csv=sample)).validation
    assert (validation.split, validation.column) == (split, "patient" if first else None)


def test_tables_are_read_anew_when_their_file_changes(folder_of: Folder) -> None:
    folder = folder_of()
    assert load_competition(folder).classes == ("0", "1")
    (folder / "train.csv").write_text((folder / "train.csv").read_text().replace("u,0\n", "u,2\n"))
    assert load_competition(folder).classes == ("0", "1", "2")
