"""mlestar's recipes against AutoGluon, FLAML and a default gradient boosting: equal wall-clock, two cores, one run at a time.

    python -m benchmarks.automl FOLDER... --out DIR [--time 300] [--python autogluon=PATH] [--python flaml=PATH]

Each folder is a competition with private answers in MLE-bench's layout, one target, tables or texts. A tool is run where its Python is
given; `mlestar` and `boosting` run on this one. What is done lies in DIR/results.jsonl and is not done again, so that the benchmark can
be stopped and taken up. Scores are those of the private answers, which nobody sees before the end of a run. The last lines are a table
(Markdown) and the mean ranks; `gain`: the share of the best tool's distance from the default boosting that mlestar covers; `worse`:
significantly worse than the default boosting by a paired bootstrap over the test rows (1.96 standard errors).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from competitions import Competition, load_competition, metric_of, read_tables
from competitions.grading import read_answers
from competitions.submission import read_submission

TOOLS = Path(__file__).with_name("automl_tools")
OWN = ("mlestar", "boosting")
CORES = 2
DRAWS = 1000


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is not done yet, and sum up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--time", type=float, default=300.0, help="seconds of one run")
    parser.add_argument("--python", action="append", default=[], metavar="TOOL=PATH", help="the Python of a tool")
    given = parser.parse_args(arguments)
    pythons = dict.fromkeys(OWN, sys.executable) | dict(one.split("=", 1) for one in given.python)
    given.out.mkdir(parents=True, exist_ok=True)
    results = given.out / "results.jsonl"
    done = _read(results)
    for folder in given.folders:
        competition = load_competition(folder)
        for tool, python in pythons.items():
            if (competition.id, tool, given.time) not in done:
                entry = run(competition, folder, tool, python, given.time, given.out)
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry) + "\n")
                print(json.dumps(entry), flush=True)
    entries = [entry for (_, _, seconds), entry in _read(results).items() if seconds == given.time]
    print(summary(entries, {load_competition(folder).id: load_competition(folder) for folder in given.folders}, given.out))


def _read(path: Path) -> dict[tuple[str, str, float], dict[str, object]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    entries = [json.loads(line) for line in lines]
    return {(entry["competition"], entry["tool"], entry["seconds"]): entry for entry in entries}


def run(competition: Competition, folder: Path, tool: str, python: str, seconds: float, out: Path) -> dict[str, object]:
    """One tool on one competition; a tool that fails has no score, and why."""
    place = out / f"{competition.id}-{tool}-{seconds:g}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    submission = place / "submission.csv"
    if tool == "mlestar":
        command = [python, "-m", "mlestar", "run", str(folder), "--time", f"{seconds:g}s", "--runs-dir", str(place / "runs")]
    else:
        lay_out(competition, place)
        command = [python, str(TOOLS / f"{tool}.py"), str(place), f"{seconds:g}"]
    threads = {name: str(CORES) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    started = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **threads}, capture_output=True, text=True, check=False)
    took = time.monotonic() - started
    entry = {"competition": competition.id, "tool": tool, "seconds": seconds, "took": round(took, 1)}
    (place / "log.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if tool == "mlestar":
        submission = next((place / "runs").glob("*/*/final/submission.csv"), submission)
    elif (place / "predictions.csv").is_file():
        test, column = read_tables(competition).test, competition.prediction_columns[0]
        ids = {name: test[name] for name in competition.id_columns}
        frame = pd.DataFrame({**ids, column: pd.read_csv(place / "predictions.csv", dtype=str)["prediction"].to_numpy()})
        frame.to_csv(submission, index=False)
    if not submission.is_file():
        return entry | {"score": None, "error": done.stderr[-500:] or done.stdout[-500:]}
    actual, predicted = answered(competition, submission)
    return entry | {"score": metric_of(competition).score(competition, actual, predicted), "submission": str(submission)}


def lay_out(competition: Competition, place: Path) -> None:
    """Plain CSV files and what is asked, for tools that read tables."""
    tables = read_tables(competition)
    tables.train.drop(columns=[name for name in tables.train if name not in (*tables.test, competition.target)]).to_csv(
        place / "train.csv", index=False
    )
    tables.test.to_csv(place / "test.csv", index=False)
    asked = {
        "target": competition.target,
        "ids": [name for name in competition.id_columns if name in tables.train and tables.train[name].nunique() == len(tables.train)],
        "metric": competition.metric,
        "prediction": metric_of(competition).prediction,
        "classes": list(competition.classes),
        "positive": competition.positive_class,
    }
    dates = [name for name in asked["ids"] if "date" in name.lower()]  # a moment that serves as id tells something
    (place / "task.json").write_text(json.dumps(asked | {"ids": [name for name in asked["ids"] if name not in dates]}))


def answered(competition: Competition, submission: Path) -> tuple[pd.Series, pd.DataFrame]:
    """(the private answers, what was predicted), row by row."""
    ids, actual = read_answers(competition)
    return actual, read_submission(competition, ids, len(ids), submission)


def summary(entries: Sequence[Mapping[str, object]], competitions: Mapping[str, Competition], out: Path) -> str:
    """The table and the mean ranks."""
    scores = pd.DataFrame(entries).pivot(index="competition", columns="tool", values="score").astype(float)
    scores.to_csv(out / "scores.csv")
    better = pd.Series({name: 1.0 if metric_of(competitions[name]).greater_is_better else -1.0 for name in scores.index})
    ranks = scores.mul(better, axis=0).rank(axis=1, ascending=False)
    lines = [f"| competition | {' | '.join(scores)} | gain | worse |", "|---|" + "---|" * (len(scores.columns) + 2)]
    for name, row in scores.iterrows():
        others = [better[name] * row[tool] for tool in scores if tool not in OWN]
        base = better[name] * row.get("boosting", np.nan)
        distance = max(others, default=np.nan) - base
        gain = (better[name] * row.get("mlestar", np.nan) - base) / distance if distance > 0 else np.nan
        cells = [f"{value:.5g}" for value in row]
        lines.append(f"| {name} | {' | '.join(cells)} | {gain:.2f} | {_worse(entries, str(name), competitions[str(name)])} |")
    lines.append(f"| mean rank | {' | '.join(f'{ranks[tool].mean():.2f}' for tool in scores)} | | |")
    return "\n".join(lines)


def _worse(entries: Sequence[Mapping[str, object]], name: str, competition: Competition) -> str:
    files = {entry["tool"]: entry.get("submission") for entry in entries if entry["competition"] == name}
    if not files.get("mlestar") or not files.get("boosting"):
        return "?"
    actual, ours = answered(competition, Path(str(files["mlestar"])))
    _, theirs = answered(competition, Path(str(files["boosting"])))
    weights = np.random.default_rng(0).multinomial(len(actual), np.full(len(actual), 1 / len(actual)), size=DRAWS).astype(float)
    metric = metric_of(competition)
    deltas = metric.bootstrap(competition, actual, ours, weights) - metric.bootstrap(competition, actual, theirs, weights)
    sign = 1.0 if metric.greater_is_better else -1.0
    return "yes" if sign * np.nanmean(deltas) < -1.96 * np.nanstd(deltas) else "no"


if __name__ == "__main__":
    main()
