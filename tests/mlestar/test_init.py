import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from competitions import load_competition, make_example
from mlestar.cli import app, main


def invoke(*arguments: str) -> str:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False).output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_example("wine-recognition", tmp_path)


def test_init_says_what_it_assumed_and_from_what_and_writes_a_file_that_loads_to_the_same(folder: Path) -> None:
    before = load_competition(folder)
    said = invoke("init", str(folder))
    for words in ("log_loss (lower is better)", "← the description:", "3 classes", "stratified, 5 folds", "train.csv: 130 training rows"):
        assert words in said
    assert load_competition(folder) == before
    assert "data: prepared/public" in (folder / "competition.yaml").read_text()


def test_init_follows_a_file_that_is_there_and_leaves_it_alone(folder: Path) -> None:
    text = "# mine\nvalidation: {split: plain, folds: 4, evidence: so be it}\n"
    (folder / "competition.yaml").write_text(text)
    said = invoke("init", str(folder), "--json")
    validation = next(one for one in json.loads(said)["findings"] if one["field"] == "validation")
    assert validation == {"field": "validation", "value": "plain, 4 folds", "why": "so be it"}
    assert (folder / "competition.yaml").read_text() == text


def test_one_table_becomes_a_competition_whose_answers_lie_apart(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"size": rng.random(100), "kind": rng.choice(["a", "b"], 100), "price": rng.random(100) * 1000 + 7})
    table.to_csv(tmp_path / "houses.csv", index=False)
    said = invoke("init", str(tmp_path / "houses.csv"), "--target", "price", "--metric", "mae")
    assert "mae (lower is better)" in said
    competition = load_competition(tmp_path / "houses")
    assert (competition.metric, competition.target, competition.id_columns) == ("mae", "price", ("row_id",))
    assert competition.answers is not None
    answers = pd.read_csv(competition.answers, dtype=str)
    assert (len(answers), len(pd.read_csv(competition.folder / "train.csv"))) == (20, 80)
    given = "".join(path.read_text() for path in competition.folder.iterdir() if path.name != "sample_submission.csv")
    assert not any(value in given for value in answers["price"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "no 'nowhere'"),
        (("t.csv",), "name the column to predict"),
        (("t.csv", "--target", "z"), "choose one of the columns"),
        (("t.csv", "--target", "y", "--metric", "best"), "choose one of roc_auc"),
        (("t.csv", "--target", "y"), "at least 20 are needed"),
        ((".", "--target", "y"), "for one table"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4\n")
    monkeypatch.setattr(sys, "argv", ["mlestar", "init", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_the_brief_describes_files_target_split_and_columns(folder: Path) -> None:
    said = invoke("brief", str(folder))
    for words in ("train.csv: 130 rows", "split   stratified: rows drawn", "target  cultivar: first", "alcohol", "number"):
        assert words in said
    assert json.loads(invoke("brief", str(folder), "--json"))["train_rows"] == 130


def test_the_brief_names_the_pretrained_weights_of_the_machine(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert "pretrained weights on this machine: none" in invoke("brief", str(folder))
    snapshot = tmp_path / "models--acme--tiny" / "snapshots" / "1"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_text("")
    assert "pretrained weights on this machine: acme/tiny" in invoke("brief", str(folder))
    assert json.loads(invoke("brief", str(folder), "--json"))["weights"] == ["acme/tiny"]
