import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from competitions import Views, load_competition, metric_of
from ensembles import write_driver
from tests.layouts.generators import LAYOUTS

WITNESS = """
# %% all
import hashlib
from pathlib import Path

digest = hashlib.sha256()
for path in sorted(path for path in Path("input").rglob("*") if path.is_file()):
    digest.update(path.as_posix().encode() + b"\\0" + path.read_bytes())
lines = (Path("input") / SAMPLE).read_text().splitlines()
ids = [line.rsplit(",", 1)[0] for line in lines[1:]]
if TARGETS > 1:
    ids = [name.rsplit(",", TARGETS - 1)[0] for name in ids]
number = int(digest.hexdigest()[:6], 16)
Path("submission.csv").write_text("\\n".join([lines[0], *(name + f",{number}" * TARGETS for name in ids)]))
"""


def witnessed(folder: Path) -> int:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"input/{path.relative_to(folder).as_posix()}".encode() + b"\0" + path.read_bytes())
    return int(digest.hexdigest()[:6], 16)


@pytest.mark.parametrize(
    "name",
    [
        "images_in_zips",
        "images_in_folders",
        "a_folder_a_row",
        "labels_apart",
        "zipped_tsv",
        "json_records",
        "parquet",
        "json_lines_gz",
        "two_targets",
    ],
)
def test_the_final_script_builds_the_very_views_of_the_search(name: str, tmp_path: Path) -> None:
    competition = load_competition(LAYOUTS[name](tmp_path / "data").folder)
    views = Views(competition, tmp_path / "cache", folds=2)
    if metric_of(competition).prediction != "number":
        views = Views(competition.model_copy(update={"metric": "rmse", "classes": ()}), tmp_path / "cache", folds=2)
    code = f"TARGETS = {len(competition.target_columns)}\nSAMPLE = {competition.path('sample_submission')!r}\n{WITNESS}"
    refit = None if views.travelling("full") else "full"
    write_driver(tmp_path / "solution.py", views, [(1, "witness", code)], fidelity="full", refit=refit)
    command = [sys.executable, "solution.py", "--data", str(competition.folder)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    folds = [None] if refit else [0, 1]
    expected = sum(witnessed(views.view("full", fold).folder) for fold in folds) / len(folds)
    written = pd.read_csv(tmp_path / "submission.csv")
    assert (written[competition.prediction_columns[0]] == expected).all()
