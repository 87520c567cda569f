"""Predictions as files: one Parquet file an execution, held-out and test rows together."""

from pathlib import Path

import pandas as pd

from competitions import Predictions

PREDICTIONS = "predictions.parquet"
PART, ROW = "__part__", "__row__"


def execution_name(fidelity: str, fold: int | None) -> str:
    """The stem of an execution's files: 'search-0', 'full-final'."""
    return f"{fidelity}-{'final' if fold is None else fold}"


def save_predictions(predictions: Predictions, path: Path) -> None:
    """Write both frames; labels stay text, numbers float64, pictures lists of their pixels."""
    frames = {"held_out": predictions.held_out, "test": predictions.test}
    parts = [frame.rename_axis(ROW).reset_index().assign(**{PART: part}) for part, frame in frames.items() if len(frame)]
    pd.concat(parts, ignore_index=True).to_parquet(path, index=False)


def load_predictions(path: Path) -> Predictions:
    """Read what `save_predictions` wrote."""
    table = pd.read_parquet(path)

    def part(name: str) -> pd.DataFrame:
        return table[table[PART] == name].drop(columns=PART).set_index(ROW).rename_axis(None)

    return Predictions(part("held_out"), part("test"))
