"""mlestar's recipes against AutoGluon, FLAML and a default gradient boosting: equal wall-clock, two cores, one run at a time.

    python -m benchmarks.automl FOLDER... --out DIR [--time 300] [--python autogluon=PATH] [--python flaml=PATH] [--chart FILE.svg]

Each folder is a competition with private answers in MLE-bench's layout, one target, tables or texts. A tool is run where its Python is
given; `mlestar` and `boosting` run on this one. What is done lies in DIR/results.jsonl and is not done again, so that the benchmark can
be stopped and taken up. Scores are those of the private answers, which nobody sees before the end of a run. The last lines are a table
(Markdown) with mean ranks, and one line of JSON. `gain`: the share of AutoGluon's gain over the default boosting that mlestar has, where
AutoGluon has one; `worse`: significantly worse than the default boosting by a paired bootstrap over the test rows (1.96 standard errors);
`early`: by how much mlestar's best out-of-fold score after a fifth of the time was behind its last, as a share of that.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from competitions import Competition, load_competition, metric_of, read_tables
from competitions.grading import read_answers
from competitions.moments import dates
from competitions.submission import read_submission
from journal import open_run
from reports.charts import svg
from reports.summary import evaluation_times
from reports.text import markdown_table

TOOLS = Path(__file__).with_name("automl_tools")
OWN = ("mlestar", "boosting")
CORES = 2
DRAWS = 1000
EARLY = 0.2
"""The share of the time after which an answer is to be a good one already."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is not done yet, and sum up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--time", type=float, default=300.0, help="seconds of one run")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg", help="a picture of the scores")
    parser.add_argument("--python", action="append", default=[], metavar="TOOL=PATH", help="the Python of a tool")
    given = parser.parse_args(arguments)
    pythons = dict.fromkeys(OWN, sys.executable) | dict(one.split("=", 1) for one in given.python)
    given.out.mkdir(parents=True, exist_ok=True)
    results = given.out / "results.jsonl"
    done = {key for key, entry in _read(results).items() if entry["score"] is not None}
    for folder in given.folders:
        competition = load_competition(folder)
        for tool, python in pythons.items():
            if (competition.id, tool, given.time) not in done:
                entry = run(competition, folder, tool, python, given.time, given.out)
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry) + "\n")
                print(json.dumps(entry), flush=True)
    entries = [entry for (_, _, seconds), entry in _read(results).items() if seconds == given.time]
    competitions = {competition.id: competition for competition in map(load_competition, given.folders)}
    print(summary(entries, competitions, given.out))
    if given.chart:
        given.chart.write_text(chart(entries, competitions), encoding="utf-8")


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
        command = [python, str(TOOLS / f"run_{tool}.py"), str(place), f"{seconds:g}"]
    threads = {name: str(CORES) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    started = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **threads}, capture_output=True, text=True, check=False)
    took = time.monotonic() - started
    entry = {"competition": competition.id, "tool": tool, "seconds": seconds, "took": round(took, 1)}
    (place / "log.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if tool == "mlestar":
        submission = next((place / "runs").glob("*/*/final/submission.csv"), submission)
        entry |= {"early": early(next((place / "runs").glob("*/*")), EARLY * seconds)}
    elif (place / "predictions.csv").is_file():
        test, column = read_tables(competition).test, competition.prediction_columns[0]
        ids = {name: test[name] for name in competition.id_columns}
        frame = pd.DataFrame({**ids, column: pd.read_csv(place / "predictions.csv", dtype=str)["prediction"].to_numpy()})
        frame.to_csv(submission, index=False)
    if not submission.is_file():
        return entry | {"score": None, "error": done.stderr[-500:] or done.stdout[-500:]}
    actual, predicted = answered(competition, submission)
    return entry | {"score": metric_of(competition).score(competition, actual, predicted), "submission": str(submission)}


def early(folder: Path, seconds: float) -> float | None:
    """How far the best out-of-fold score of the first seconds is from the last, as a share of the last; None: there was no score yet."""
    journal = open_run(folder)
    tree, times = journal.tree(), evaluation_times(journal)
    first = tree.best(node for node in tree.nodes if times.get(node.number, math.inf) <= seconds)
    last = tree.best(tree.nodes)
    if first is None or last is None or first.score is None or last.score is None:
        return None
    return abs(first.score - last.score) / abs(last.score)


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
    moments = [name for name in tables.test if dates(tables.test[name]) is not None]
    ids = [name for name in asked["ids"] if name not in moments]  # a moment that serves as id tells something
    (place / "task.json").write_text(json.dumps(asked | {"ids": ids, "dates": moments}))


def answered(competition: Competition, submission: Path) -> tuple[pd.Series, pd.DataFrame]:
    """(the private answers, what was predicted), row by row."""
    ids, actual = read_answers(competition)
    return actual, read_submission(competition, ids, len(ids), submission)


def summary(entries: Sequence[Mapping[str, object]], competitions: Mapping[str, Competition], out: Path) -> str:
    """The table with mean ranks, and the figures as a line of JSON."""
    scores = pd.DataFrame(entries).pivot(index="competition", columns="tool", values="score").astype(float)
    scores.to_csv(out / "scores.csv")
    better = pd.Series({name: 1.0 if metric_of(competitions[name]).greater_is_better else -1.0 for name in scores.index})
    gains = scores.mul(better, axis=0).reindex(columns=[*dict.fromkeys(["mlestar", "boosting", *scores])])
    ranks = gains.drop(columns="boosting").rank(axis=1, ascending=False, na_option="bottom").mean()
    theirs = gains["autogluon"] - gains["boosting"] if "autogluon" in gains else pd.Series(np.nan, gains.index)
    table = scores.assign(
        gain=(gains["mlestar"] - gains["boosting"]) / theirs.where(theirs > 0),
        worse=[_worse(entries, name, competitions[name]) for name in scores.index],
        early=[
            next((entry["early"] for entry in entries if entry["competition"] == name and "early" in entry), None) for name in scores.index
        ],
    )
    figures = {
        "mean_ranks": ranks.round(3).to_dict(),
        "ahead_of": {tool: int((gains["mlestar"] > gains[tool].fillna(-np.inf)).sum()) for tool in scores if tool != "mlestar"},
        "competitions": len(scores),
        "worse_than_boosting": sorted(table.index[table["worse"] == "yes"]),
        **{name: {each: round(value, 3) for each, value in table[name].dropna().items()} for name in ("gain", "early")},
    }
    table.loc["mean rank", ranks.index] = ranks
    rows = [
        [name, *(cell if isinstance(cell, str) else f"{cell:.5g}" for cell in row)]
        for name, row in table.astype(object).fillna("").iterrows()
    ]
    return f"{markdown_table(['competition', *table], rows)}\n{json.dumps(figures)}"


def chart(entries: Sequence[Mapping[str, object]], competitions: Mapping[str, Competition]) -> str:
    """An SVG: for each competition where each tool's score lies between the worst and the best of them."""
    scores = pd.DataFrame(entries)[["competition", "tool", "score"]].dropna()
    signs = scores["competition"].map(lambda name: 1.0 if metric_of(competitions[name]).greater_is_better else -1.0)
    gains = signs * scores["score"].astype(float)
    worst, best = (gains.groupby(scores["competition"]).transform(kind) for kind in ("min", "max"))
    shown = scores.assign(place=((gains - worst) / (best - worst)).fillna(1.0))
    colours = {"mlestar": "#0072B2", "autogluon": "#E69F00", "flaml": "#009E73", "boosting": "#8C8C8C"}
    legend, names = alt.Legend(title=None), [*colours]
    points = (
        alt.Chart(alt.InlineData(values=shown.to_dict("records")))
        .mark_point(filled=True, size=110, opacity=0.85)
        .encode(
            x=alt.X("place:Q", title="test score, from the worst of the tools (0) to the best (1)"),
            y=alt.Y("competition:N", title=None, axis=alt.Axis(labelLimit=320)),
            color=alt.Color("tool:N", legend=legend, scale=alt.Scale(domain=names, range=[*colours.values()])),
            shape=alt.Shape("tool:N", legend=legend, scale=alt.Scale(domain=names)),
        )
    )
    return svg(points.properties(width=520, height=alt.Step(34)), "white")


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
