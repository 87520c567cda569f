"""A candidate that reads whatever it can, in a real run: the private answers are not among it, byte for byte."""

import json
import time
from pathlib import Path

import pytest

from journal import Settings
from mlestar.solving import solve
from sandbox import InfrastructureError
from tests.layouts.prepared import prepare

pytestmark = pytest.mark.slow
OPEN = "all-may-read-this-0451"
SCRIPT = """# %% look
import gzip, io, json, os, stat, zipfile
from pathlib import Path

import pandas as pd

wanted = [mark[::-1].encode() for mark in {marks}]  # written backwards, so that this file is no find
allowed = {allowed!r}[::-1].encode()
seen, found, open_ones = 0, [], []


def parts(content):
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif content.startswith(b"\\x1f\\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"PAR1"):
        yield pd.read_parquet(io.BytesIO(content)).to_csv().encode()


def look(path):
    global seen
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return
    seen += 1
    for part in parts(content):
        found.extend([path] if any(mark in part for mark in wanted) else [])
        open_ones.extend([path] if allowed in part else [])


for place, folders, names in os.walk("/", onerror=lambda error: None):
    folders[:] = [] if place in ("/proc", "/sys", "/dev") else folders
    for name in names:
        path = os.path.join(place, name)
        try:
            known = os.lstat(path)  # older files were there before the answers; a pipe would be waited for
            new = stat.S_ISREG(known.st_mode) and known.st_ctime >= {start}
        except OSError:
            continue
        if new:
            look(path)
for path in [{answers!r}, *map(str, Path("/proc").glob("[0-9]*/environ")), *map(str, Path("/proc").glob("[0-9]*/root" + {answers!r}))]:
    look(path)
print("RESULT " + json.dumps([seen, sorted(set(found)), sorted(set(open_ones))]))

# %% submission
sample = pd.read_csv("input/" + {sample!r})
sample.to_csv("submission.csv", index=False)
"""


def test_a_candidate_finds_the_answers_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLESTAR_CACHE", str(tmp_path / "cache"))
    start = time.time() - 5
    made = prepare("zipped_tsv", tmp_path / "competition")
    public = made.folder / "prepared" / "public"
    (public / "description.md").write_text(f"Scored by the mean absolute error. {OPEN}")
    answers = made.folder / "prepared" / "private" / "test.csv"
    assert made.marks[0].encode() in answers.read_bytes()
    values = {"marks": [mark[::-1] for mark in made.marks], "allowed": OPEN[::-1], "start": start, "answers": str(answers)}
    script = tmp_path / "reader.py"
    script.write_text(SCRIPT.format(**values, sample="sampleSubmission.csv"))
    settings = Settings(evaluations=1, tracks=1, models=1, outer_steps=0, ensemble_rounds=0, folds=2, isolation="required")
    try:
        run = solve(made.folder, settings, runs_dir=tmp_path / "runs", start=script)
    except InfrastructureError as error:
        pytest.skip(f"no cage on this machine: {error}")
    logs = [path.read_text() for path in run.folder.glob("candidates/*/*/log.txt")]
    results = [json.loads(line.removeprefix("RESULT ")) for log in logs for line in log.splitlines() if line.startswith("RESULT ")]
    assert results
    for seen, found, allowed in results:
        assert seen >= 5
        assert found == []
        assert [Path(path).name for path in allowed] == ["description.md"]
    assert run.finished is not None
    assert run.finished.grade is not None
