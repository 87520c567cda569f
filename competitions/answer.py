"""From predictions to the final submission: averaging, the sample's order and face, writing."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from competitions.load import read_tables
from competitions.metrics import METRICS, metric_of
from competitions.model import Competition
from competitions.tables import write_table


def average_predictions(competition: Competition, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Several models' predictions of the same rows as one.

    Numbers and probabilities: the mean. Ordinal labels (quadratic weighted kappa): the label nearest to the mean. Other labels: the
    majority, ties broken by the mean of the 'p:' columns where all have them, else by the first model among the tied.

    Raises:
        ValueError: no frames, or frames with different rows or columns.
    """
    if not frames:
        raise ValueError("nothing to average: no predictions were given")
    first = frames[0]
    for frame in frames[1:]:
        if not frame.index.equals(first.index) or not set(competition.prediction_columns) <= set(frame.columns):
            raise ValueError("predictions to be averaged must have the same rows and columns")
    shares = [name for name in first.columns if name.startswith("p:") and all(name in frame.columns for frame in frames)]
    columns = [*competition.prediction_columns, *shares]
    metric = metric_of(competition)
    if metric.prediction != "label":
        return _mean(frames, columns)
    table = _mean(frames, shares)
    labels = np.array(competition.classes, dtype=object)
    for place, column in enumerate(competition.prediction_columns):
        votes = np.stack([frame[column].to_numpy(dtype=object) for frame in frames])
        codes = pd.Index(competition.classes).get_indexer(pd.Index(votes.ravel())).reshape(votes.shape)
        chosen = _nearest(competition, codes) if metric.numeric_labels else _majority(competition, codes, table)
        table.insert(place, column, pd.Series(labels[chosen], index=first.index, dtype=str))
    return table


def _mean(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    values = np.mean([frame[columns].to_numpy(dtype=float) for frame in frames], axis=0)
    return pd.DataFrame(values, index=frames[0].index, columns=columns)


def _nearest(competition: Competition, codes: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    values = np.array([float(label) for label in competition.classes])
    means = values[codes].mean(axis=0)
    return np.asarray(np.abs(means[:, None] - values[None, :]).argmin(axis=1))


def _majority(competition: Competition, codes: npt.NDArray[np.intp], shares: pd.DataFrame) -> npt.NDArray[np.intp]:
    counts = np.stack([(codes == code).sum(axis=0) for code in range(len(competition.classes))], axis=1).astype(float)
    tied = counts == counts.max(axis=1, keepdims=True)
    names = [f"p:{label}" for label in competition.classes]
    if all(name in shares.columns for name in names):
        return np.asarray(np.where(tied, shares[names].to_numpy(dtype=float), -1.0).argmax(axis=1))
    among = np.take_along_axis(tied, codes.T, axis=1)  # rows × models: is the model's vote among the tied
    return np.asarray(codes.T[np.arange(codes.shape[1]), among.argmax(axis=1)])


def submission_frame(competition: Competition, predictions: pd.DataFrame) -> pd.DataFrame:
    """The submission as text, in the sample's order and columns. `predictions` is indexed by position in the test table.

    Raises:
        ValueError: predictions are missing for some test rows.
    """
    tables = read_tables(competition)
    missing = len(tables.test) - int(pd.RangeIndex(len(tables.test)).isin(predictions.index).sum())
    if missing:
        raise ValueError(f"predictions are missing for {missing} of {len(tables.test)} test rows")
    ids = list(competition.id_columns)
    positions = np.arange(len(tables.sample))
    if ids:
        sample, test = (
            pd.MultiIndex.from_frame(table[ids].assign(**{"\0": table.groupby(ids, sort=False).cumcount()}))
            for table in (tables.sample, tables.test)
        )
        positions = test.get_indexer(sample)
    values = predictions[list(competition.prediction_columns)].loc[positions]
    as_text = str if METRICS[competition.metric].prediction == "label" else (lambda number: repr(float(number)))
    columns = {
        name: tables.sample[name].tolist() if name in ids else [as_text(value) for value in values[name]] for name in tables.sample.columns
    }
    return pd.DataFrame(columns, columns=tables.sample.columns, dtype=str)


def write_submission(competition: Competition, predictions: pd.DataFrame, path: Path) -> Path:
    """Write the submission with the sample's face; the file appears whole or not at all.

    Raises:
        ValueError: predictions are missing for some test rows.
    """
    frame = submission_frame(competition, predictions)
    face = read_tables(competition).sample_face._replace(member=None)
    partial = path.with_name(path.name + ".partial")
    write_table(frame, partial, face)
    return partial.replace(path)
