"""What is for the harness alone stays out of the views, wherever it lies."""

from collections.abc import Callable
from pathlib import Path

import pytest

from competitions import CompetitionError, Views, load_competition

Folder = Callable[..., Path]
ANSWERS = "id,y,note\n" + "".join(f"{i},{i % 2},private-{i}-of-the-host\n" for i in range(40, 50))


def held(views: Views) -> bytes:
    """All that the views hold, and the files beside them that the harness keeps."""
    for fold in (*range(views.folds), None):
        views.view("full", fold)
    place = views.view("full", None).folder.parents[1]
    return b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())


@pytest.mark.parametrize("place", ["truth.csv", "private/test.csv", "private/deep/truth.csv"])
def test_answers_within_the_data_folder_are_in_no_view(folder_of: Folder, tmp_path: Path, place: str) -> None:
    folder = folder_of(
        competition__yaml=f"answers: {place}\n", competition__py="def split(a, b, folds, seed): return [i % folds for i in range(40)]"
    )
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(ANSWERS)
    (folder / "leaderboard.csv").write_text("score\n0.123456789\n")
    (folder / "notes.txt").write_text("a note that all may read")
    competition = load_competition(folder)
    assert competition.answers == (folder / place).resolve()
    found = held(Views(competition, tmp_path / "cache"))
    assert b"a note that all may read" in found
    for secret in (b"of-the-host", b"0.123456789", b"def split"):
        assert secret not in found


@pytest.mark.parametrize(("path", "answers"), [("truth.csv", "truth.csv"), ("host", "host/truth.csv")])
def test_answers_that_are_declared_among_the_files_are_refused(folder_of: Folder, path: str, answers: str) -> None:
    roles = {"train.csv": "train", "test.csv": "test", "sample_submission.csv": "sample_submission", path: "shared"}
    files = ", ".join(f"{{path: {name}, role: {role}}}" for name, role in roles.items())
    folder = folder_of(competition__yaml=f"files: [{files}]\nanswers: {answers}\n")
    (folder / answers).parent.mkdir(exist_ok=True)
    (folder / answers).write_text(ANSWERS)
    with pytest.raises(CompetitionError, match=r"field 'files': .* — it is, or holds, what candidates must not see"):
        load_competition(folder)


@pytest.mark.parametrize("header", ["id,y", "id,p_0,p_1"])
def test_undeclared_answers_stop_the_loading(folder_of: Folder, header: str) -> None:
    classes = header.endswith("p_1")
    sample = "id,p_0,p_1\n" + "".join(f"{i},0.5,0.5\n" for i in range(40, 50)) if classes else None
    folder = folder_of(**{"sample_submission__csv": sample, "description__md": "log loss"} if classes else {})
    (folder / "solution.csv").write_text(header + "\n" + "".join(f"{i}{',1' * header.count(',')}\n" for i in range(40, 50)))
    with pytest.raises(CompetitionError, match=r"solution\.csv.* — move it out of the data folder"):
        load_competition(folder)
