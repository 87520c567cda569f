import hashlib
from pathlib import Path

import pandas as pd
import pytest

from competitions import (
    Competition,
    Views,
    load_competition,
    metric_of,
    read_predictions,
    read_table,
    read_tables,
    write_competition_yaml,
    write_submission,
)
from competitions.brief import make_brief
from tests.layouts.generators import LAYOUTS, Layout
from tests.layouts.looking import contents, everything


@pytest.fixture(scope="session", params=list(LAYOUTS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "tuple[Layout, Competition, Views]":
    place = tmp_path_factory.mktemp(request.param)
    layout = LAYOUTS[request.param](place / "data")
    competition = load_competition(layout.folder)
    return layout, competition, Views(competition, place / "cache", folds=3)


def test_a_layout_is_inferred_without_help(made: "tuple[Layout, Competition, Views]") -> None:
    layout, competition, _ = made
    found = competition.model_dump() | {
        "split": competition.validation.split,
        "column": competition.validation.column,
        "row_files": {(one.path, one.role) for one in competition.row_files},
    }
    roles = {file.path: file.role for file in competition.files}
    for name, value in layout.expected.items():
        if name == "roles":
            assert roles | value == roles
        else:
            assert found[name] == value, name
    assert competition.validation.evidence
    assert make_brief(competition).train_rows == len(layout.secrets)


def test_what_was_inferred_can_be_written_down_and_read_again(made: "tuple[Layout, Competition, Views]", tmp_path: Path) -> None:
    _, competition, _ = made
    assert load_competition(write_competition_yaml(competition, tmp_path / "competition.yaml")) == competition


def test_nothing_in_a_view_tells_what_held_out_rows_are(made: "tuple[Layout, Competition, Views]") -> None:
    layout, _, views = made
    for fold in range(views.folds):
        view = views.view("full", fold)
        held = set(view.held_out[view.held_out >= 0])
        assert held
        found = everything(view.folder)
        hashes = {hashlib.sha256(content).hexdigest() for _, content in contents(view.folder)}
        for row, secrets in enumerate(layout.secrets):
            for secret in secrets:
                assert (secret.encode("latin-1") in found) == (row not in held), (fold, row, secret[:40])
                assert row not in held or hashlib.sha256(secret.encode("latin-1")).hexdigest() not in hashes


def test_every_view_has_the_face_of_the_given_folder(made: "tuple[Layout, Competition, Views]") -> None:
    _, competition, views = made
    for fold in (0, None):
        folder = views.view("full", fold).folder
        assert {path.name for path in folder.iterdir()} == {path.name for path in competition.folder.iterdir()}
        for file in competition.files:
            if file.role in ("train", "test", "labels", "sample_submission"):
                ours, given = (read_table(place / file.path) for place in (folder, competition.folder))
                assert ours[0].columns.tolist() == given[0].columns.tolist()
                assert ours[1]._replace(schema="") == given[1]._replace(schema="")
                if fold is None and file.role != "sample_submission":
                    assert ours[0].equals(given[0])
        if fold is None and (
            competition.train_path is None or read_table(competition.folder / competition.train_path)[1].kind == "delimited"
        ):
            before, after = (dict(contents(place)) for place in (competition.folder, folder))
            sample = competition.path("sample_submission")
            assert {name: content for name, content in before.items() if name != sample} == {
                name: content for name, content in after.items() if name != sample
            }


def pieces(name: str) -> set[str]:
    """The parts of a member's name, with and without their endings."""
    return {piece for part in name.split("/") for piece in (part, part.split(".")[0])}


def test_row_files_follow_their_rows(made: "tuple[Layout, Competition, Views]") -> None:
    _, competition, views = made
    if not competition.row_files:
        pytest.skip("no row files")
    given = dict(contents(competition.folder))
    view = views.view("full", 1)
    found = dict(contents(view.folder))
    (train_files,) = (one for one in competition.row_files if one.role == "train_files")
    (key,) = competition.id_columns
    rows = views.rows("full", 1)
    for side, table, positions in (("train", rows.train, rows.train.index), ("test", rows.test, rows.held_out)):
        for value, position in zip(table[key], positions, strict=True):
            start = f"{train_files.path}/"
            members = [name for name in given if name.startswith(start) and value in pieces(name.removeprefix(start))]
            if position < 0:
                continue
            assert members
            for name in members:
                place = name if side == "train" else name.replace("train", "test")
                assert found[place] == given[name], (side, name)
    assert len(found) <= len(given) + len(competition.files)


def test_a_submission_is_read_scored_and_written_in_the_samples_order(made: "tuple[Layout, Competition, Views]", tmp_path: Path) -> None:
    _, competition, views = made
    tables, answers = read_tables(competition), views.answers()
    for fold in (0, None):
        view = views.view("full", fold)
        frame = read_table(view.folder / competition.path("sample_submission"))[0]
        if metric_of(competition).prediction == "label":
            frame[competition.prediction_columns[0]] = competition.classes[0]
        frame.sample(frac=1, random_state=0).sort_index().to_csv(tmp_path / "submission.csv", index=False)
        predictions = read_predictions(competition, view, tmp_path / "submission.csv", None)
        if fold is not None:
            score = metric_of(competition).score(competition, answers.loc[predictions.held_out.index], predictions.held_out)
            assert pd.notna(score)
    written = write_submission(competition, predictions.test, tmp_path / "final.csv")
    final, sample = read_table(written)[0], tables.sample
    assert final[list(competition.id_columns)].equals(sample[list(competition.id_columns)])
    assert final.columns.tolist() == sample.columns.tolist()
