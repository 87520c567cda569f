"""What the scripts of the tools share: reading what the benchmark laid out, writing the submission. Needs pandas only."""

import json
from pathlib import Path

import pandas as pd


def task(folder: Path) -> tuple[dict[str, object], pd.DataFrame, pd.DataFrame]:
    """(what is asked, train, test) of the folder that the benchmark made; labels are text, dates are moments, ids left out."""
    asked = json.loads((folder / "task.json").read_text())
    labels = {asked["target"]: str} if asked["classes"] else {}
    train = pd.read_csv(folder / "train.csv", dtype=labels, parse_dates=asked["dates"])
    return asked, train.drop(columns=asked["ids"]), pd.read_csv(folder / "test.csv", parse_dates=asked["dates"]).drop(columns=asked["ids"])


def answer(folder: Path, asked: dict[str, object], predicted: object) -> None:
    """Labels, chances of the positive class, or numbers, in the order of the test's rows."""
    values = pd.Series(list(predicted))  # type: ignore[call-overload]
    if asked["metric"] == "rmsle":
        values = values.clip(lower=0)
    pd.DataFrame({"prediction": values}).to_csv(folder / "predictions.csv", index=False)
