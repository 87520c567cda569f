"""The brief: a bounded description of a competition's data, for engineers, reports and people."""

import math
import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from competitions.infer import span_of
from competitions.metric import Prediction
from competitions.metrics import metric_of
from competitions.model import Competition, Model, Pixels, Task
from competitions.moments import dates
from competitions.rowfiles import Members, member_names
from competitions.sources import read_tables

ColumnKind = Literal["number", "category", "text", "date", "boolean", "constant"]


NA_TEXTS = frozenset(
    ("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")  # numbers of other programs
) | {"N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
"""What pandas reads as missing; solutions read the files with pandas."""
TRUTH_VALUES = frozenset(("true", "false", "yes", "no", "t", "f", "y", "n"))
PIXEL_AT = re.compile(r"\D*?(\d+)[_x](\d+)")
PIXEL_NUMBER = re.compile(r"(?:pixel|pix|px)[_ -]?(\d+)", re.IGNORECASE)
FEWEST_PIXELS = 16
TEXT_WORDS = 3.0
TEXT_DISTINCT = 0.5
LONG_TEXT_WORDS = 8.0
EXAMPLES = 3
LONGEST_EXAMPLE = 60
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
PICTURE_SHAPE = (32, 32)
LONGEST_DESCRIPTION = 20_000


class Column(Model):
    """One column of the training table that the test table has too (the target and train-only columns are not among them, nor an id
    that only numbers the rows; a date that serves as id is)."""

    name: str
    kind: ColumnKind
    missing: float
    """Share of missing cells, 0..1, in train."""
    distinct: int
    """Distinct values in train."""
    examples: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    words: float | None = None
    """Text: mean number of words."""


class Brief(Model):
    """What an engineer is told. Nothing in it comes from held-out or private answers beyond the training table itself."""

    id: str
    description: str
    task: Task
    metric: str
    greater_is_better: bool
    prediction: Prediction
    """What the submission's prediction columns hold: see competitions.metric."""
    most_ranked: int | None = None
    """Ranking: so many labels of a cell count at most."""
    span_of: str | None = None
    """Text: the column that the target is a part of, in nearly every row."""
    id_columns: tuple[str, ...]
    target: str
    """The column that is predicted; the first of several."""
    targets: tuple[str, ...] = ()
    """Where there are several: all of them, one prediction column each; the score is the mean of theirs."""
    prediction_columns: tuple[str, ...]
    classes: tuple[str, ...]
    positive_class: str | None
    train_file: str
    """Empty where pictures are the targets: the rows are the training pictures."""
    labels_file: str | None = None
    """Where the target is in a table of its own, which has the ids too."""
    test_file: str
    """The test table, or the sample submission where there is none: it names the test rows."""
    sample_file: str
    shared_files: tuple[str, ...]
    row_files: tuple[Members, ...] = ()
    """Folders and archives whose members belong to rows: where they lie and what they are called."""
    pictures: tuple[Members, ...] = ()
    """Those of them that are pictures of training rows and of test rows, in this order; none where there are no such."""
    label_pictures: Members | None = None
    """Where the target of a row is a picture: where these lie. The id of a row is its picture's name."""
    pixels: Pixels | None = None
    """And how the submission names each pixel."""
    train_rows: int
    test_rows: int
    time_column: str | None = None
    """Where the test rows come after the training rows: the column that says when."""
    columns: tuple[Column, ...]
    train_only: tuple[str, ...]
    """Columns of train that test does not have, the target left out."""
    target_summary: dict[str, float]
    """Classification: share of each class; regression: min, median, mean, max, skew (of the first target); multilabel: share of each."""
    image_shape: tuple[int, int] | None = None
    """(height, width), where the numeric columns are the pixels of one grey image in row order, or where each row has a picture in a
    file: the size to which it may be brought."""


def make_brief(competition: Competition) -> Brief:
    """Describe the competition's tables.

    Raises:
        CompetitionError: a file is gone or is no table any more.
    """
    tables = read_tables(competition)
    train, test = tables.train, tables.test
    metric = metric_of(competition)
    described = [describe_column(train[name]) for name in test.columns if name in train.columns]
    pictures = _pictures(competition)
    columns = tuple(column for column in described if column.name not in competition.id_columns or _tells_something(column, len(train)))
    return Brief(
        id=competition.id,
        description=competition.description[:LONGEST_DESCRIPTION],
        task=competition.task,
        metric=metric.name,
        greater_is_better=metric.greater_is_better,
        prediction=metric.prediction,
        most_ranked=metric.most_ranked,
        span_of=span_of(tables, competition.target) if competition.task == "text" else None,
        label_pictures=next((one for one in competition.row_files if competition.pixels and one.role == "label_files"), None),
        pixels=competition.pixels,
        id_columns=competition.id_columns,
        target=competition.target,
        targets=competition.target_columns if len(competition.target_columns) > 1 else (),
        prediction_columns=competition.prediction_columns,
        classes=competition.classes,
        positive_class=competition.positive_class,
        train_file=competition.train_path or "",
        labels_file=next((file.path for file in competition.files if file.role == "labels"), None),
        test_file=competition.test_path,
        row_files=competition.row_files,
        sample_file=competition.path("sample_submission"),
        shared_files=competition.shared,
        train_rows=len(train),
        test_rows=len(test),
        time_column=_time_column(competition, test),
        columns=columns,
        train_only=tuple(name for name in train.columns if name not in test.columns and name not in competition.target_columns),
        target_summary=_target_summary(competition, train),
        image_shape=image_shape(columns) or (PICTURE_SHAPE if pictures else None),
        pictures=pictures,
    )


def _time_column(competition: Competition, test: pd.DataFrame) -> str | None:
    """By what the validation is split in time, if test rows have it too."""
    by = competition.validation
    return by.column if by.split == "time" and by.column in test.columns else None


def _pictures(competition: Competition) -> tuple[Members, ...]:
    """Where the training rows' pictures lie and where the test rows' do; none where there are other columns of use, or several places."""
    sides = [[one for one in competition.row_files if one.role == role] for role in ("train_files", "test_files")]
    if any(len(side) != 1 for side in sides):
        return ()
    found = tuple(side[0] for side in sides)
    names = [next(iter(member_names(competition.folder / one.path)), "") for one in found]
    return found if all(name.lower().endswith(PICTURE_ENDINGS) for name in names) else ()


def describe_column(cells: pd.Series) -> Column:
    """Kind and figures of one column of text cells; each distinct value is looked at once, however many rows have it."""
    counts = _counts(cells)
    counts = counts[~counts.index.isin(NA_TEXTS)]
    values, rows = counts.index.to_series(), int(counts.sum())
    kind = _kind(values, counts)
    numbers = pd.to_numeric(values).astype(float) if kind == "number" else None
    return Column(
        name=str(cells.name),
        kind=kind,
        missing=1 - rows / len(cells),
        distinct=len(values),
        examples=tuple(str(value)[:LONGEST_EXAMPLE] for value in values.head(EXAMPLES)),
        low=float(numbers.min()) if numbers is not None else None,
        high=float(numbers.max()) if numbers is not None else None,
        words=_mean_words(counts) if kind == "text" else None,
    )


def image_shape(columns: Sequence[Column]) -> tuple[int, int] | None:
    """(height, width), where all numeric columns are named as pixels of one image in row order: pixel_r_c, 1x1, or pixel0 and on."""
    pixels = [column for column in columns if column.kind in ("number", "constant")]
    if len(pixels) < FEWEST_PIXELS or any(column.low is not None and column.low < 0 for column in pixels):
        return None
    places = [PIXEL_AT.fullmatch(column.name) for column in pixels]
    if all(places):
        at = [(int(place[1]), int(place[2])) for place in places if place]
        (top, left), (bottom, right) = at[0], at[-1]
        height, width = bottom - top + 1, right - left + 1
        return (height, width) if at == [(top + i // width, left + i % width) for i in range(height * width)] and width > 1 else None
    found = [PIXEL_NUMBER.fullmatch(column.name) for column in pixels]
    numbers = [int(match[1]) for match in found if match]
    side = math.isqrt(len(pixels))
    in_order = len(numbers) == len(pixels) and numbers == list(range(numbers[0], numbers[0] + len(pixels)))
    return (side, side) if in_order and side * side == len(pixels) else None


def _tells_something(column: Column, rows: int) -> bool:
    """Whether an id column may be a feature: a date, or a value that rows share."""
    return column.kind == "date" or (column.kind != "constant" and column.distinct < rows)


def _counts(cells: pd.Series) -> pd.Series:
    """How many rows have each value, indexed by it, in the order of their first rows."""
    codes, values = pd.factorize(cells)
    return pd.Series(np.bincount(codes, minlength=len(values)), index=values)


def _kind(values: pd.Series, counts: pd.Series) -> ColumnKind:
    if len(values) <= 1:
        return "constant"
    if all(value.casefold() in TRUTH_VALUES for value in values):
        return "boolean"
    if pd.to_numeric(values, errors="coerce").notna().all():
        return "number"
    if dates(values) is not None:
        return "date"
    words = _mean_words(counts)
    is_text = words >= LONG_TEXT_WORDS or (words >= TEXT_WORDS and len(values) > TEXT_DISTINCT * counts.sum())
    return "text" if is_text else "category"


def _mean_words(counts: pd.Series) -> float:
    """Of a row, where so many rows have each text."""
    return float(sum(len(str(text).split()) * count for text, count in counts.items())) / max(1, int(counts.sum()))


def _target_summary(competition: Competition, train: pd.DataFrame) -> dict[str, float]:
    if competition.pixels is not None:
        return {}
    if competition.task == "multilabel":
        return {name: float((train[name] == competition.positive_class).mean()) for name in competition.target_columns}
    cells = train[competition.target]
    if competition.task in ("text", "mask"):
        words = cells.map(lambda cell: len(cell.split()))
        return {"empty": float((words == 0).mean()), "words": float(words.mean())}
    if competition.task == "tags":
        return {label: float(cells.map(lambda cell, one=label: one in cell.split()).mean()) for label in competition.classes}
    if competition.classes:
        shares = cells.value_counts(normalize=True)
        return {label: float(shares[label]) for label in competition.classes}
    numbers = pd.to_numeric(cells).astype(float)
    figures = numbers.agg(["min", "median", "mean", "max", "skew"])
    return {str(name): float(value) for name, value in figures.items()}
