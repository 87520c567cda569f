"""From predictions to the final submission: averaging, the sample's order and face, writing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from competitions.metric import Metric
from competitions.metrics import metric_of
from competitions.model import Competition
from competitions.pixels import pixel_rows, test_pictures
from competitions.sources import read_tables
from competitions.tables import write_table
from competitions.votes import voted_mask, voted_ranking, voted_text


def average_predictions(competition: Competition, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Several models' predictions of the same rows as one.

    Numbers, probabilities and pixels of pictures: the mean. Texts: the most frequent. Rankings: by the sum of 1 / place. Masks: the pixels
    that half of them have. Ordinal labels (quadratic weighted kappa): the label nearest to the mean. Other labels: the
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
    if competition.pixels is not None:
        return _mean_pictures(frames, competition.prediction_columns[0])
    if metric.prediction in ("number", "probability"):
        return _mean(frames, columns)
    table = _mean(frames, shares)
    labels = np.array(competition.classes, dtype=object)
    for place, column in enumerate(competition.prediction_columns):
        if metric.prediction != "label":
            rows = zip(*(frame[column] for frame in frames), strict=True)
            table.insert(place, column, pd.Series([_voted(metric, cells) for cells in rows], index=first.index, dtype=str))
            continue
        votes = np.stack([frame[column].to_numpy(dtype=object) for frame in frames])
        codes = pd.Index(competition.classes).get_indexer(pd.Index(votes.ravel())).reshape(votes.shape)
        chosen = _nearest(competition, codes) if metric.numeric_labels else _majority(competition, codes, table)
        table.insert(place, column, pd.Series(labels[chosen], index=first.index, dtype=str))
    return table


def _voted(metric: Metric, cells: Sequence[str]) -> str:
    if metric.prediction == "text":
        return voted_text(cells)
    return voted_mask(cells) if metric.prediction == "pixel" else voted_ranking(cells, metric.most_ranked)


def _mean(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    values = np.mean([frame[columns].to_numpy(dtype=float) for frame in frames], axis=0)
    return pd.DataFrame(values, index=frames[0].index, columns=columns)


def _mean_pictures(frames: Sequence[pd.DataFrame], column: str) -> pd.DataFrame:
    rows = zip(*(frame[column] for frame in frames), strict=True)
    means = [np.mean(np.stack([np.asarray(cell, dtype=float) for cell in cells]), axis=0) for cells in rows]
    return pd.DataFrame({column: pd.Series(means, index=frames[0].index, dtype=object)})


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
    if competition.pixels is not None:
        return _pixel_frame(competition, tables, predictions)
    positions = np.arange(len(tables.sample))
    if ids:
        sample, test = (
            pd.MultiIndex.from_frame(table[ids].assign(**{"\0": table.groupby(ids, sort=False).cumcount()}))
            for table in (tables.sample, tables.test)
        )
        positions = test.get_indexer(sample)
    values = predictions[list(competition.prediction_columns)].loc[positions]
    is_text = metric_of(competition).prediction not in ("number", "probability")
    as_text = str if is_text else (lambda number: repr(float(number)))
    columns = {
        name: tables.sample[name].tolist() if name in ids else [as_text(value) for value in values[name]] for name in tables.sample.columns
    }
    return pd.DataFrame(columns, columns=tables.sample.columns, dtype=str)


def _pixel_frame(competition: Competition, tables: Any, predictions: pd.DataFrame) -> pd.DataFrame:
    """A row for each pixel of each test picture, in the sample's order."""
    (name,), (column,) = competition.id_columns, competition.prediction_columns
    rows = pixel_rows(competition.folder, test_pictures(competition), tables.test[name].tolist(), competition.pixels)
    values = np.concatenate([np.ravel(predictions[column].loc[place]) for place in range(len(tables.test))]).astype(float)
    order = pd.Index(rows.ids).get_indexer(pd.Index(tables.sample[name]))
    cells = {name: tables.sample[name].tolist(), column: [repr(value) for value in values[order].tolist()]}
    return pd.DataFrame(cells, columns=tables.sample.columns, dtype=str)


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
