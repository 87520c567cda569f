"""What a recipe or an alternative asks of a competition before it makes sense there."""

import re
from functools import cache
from importlib.util import find_spec
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from competitions.brief import Brief, Column
from retrieval.pretrained import Kind, weights_for

Shape = Literal["table", "text", "pictures", "answers", "masks", "restoration"]
"""Of rows: mostly a table, running text, or a picture each. `answers`: the target is a text; `masks`: the run lengths of a mask;
`restoration`: a picture."""

RUNNING_TEXT_WORDS = 4.0
"""Mean words from which a text column counts as running text; names have two or three."""
LONG_TAIL = 1.5
"""Skew from which a target counts as long-tailed."""


class Needs(BaseModel):
    """Conditions on a brief; all that are given must hold. Lists: any of them; `names`: each pattern must match some column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: tuple[str, ...] = ()
    metric: tuple[str, ...] = ()
    prediction: tuple[str, ...] = ()
    shape: tuple[Shape, ...] = ()
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    words: float | None = None
    """A text column with at least so many words a row."""
    missing: bool | None = None
    non_negative: bool | None = None
    """The target is a number and never negative."""
    long_tail: bool | None = None
    """The target is skewed and never negative, or its errors count relatively."""
    several: bool | None = None
    """There are several targets."""
    span: bool | None = None
    """The target is a part of a column's text."""
    texts: int | None = None
    """So many columns of texts that may be compared."""
    kin: bool | None = None
    """Rows come in groups by a number, such as the phrases of a sentence."""
    time: bool | None = None
    """The test rows come after the training rows."""
    row_files: bool | None = None
    """Rows have files of their own."""
    pictures: bool | None = None
    """Each row has a picture."""
    weights: Kind | None = None
    """Pretrained weights for texts or for pictures are on the machine."""
    package: tuple[str, ...] = ()
    """Libraries that must be installed, by their import names."""
    max_classes: int | None = None
    min_rows: int | None = None
    max_rows: int | None = None
    models: int | None = None
    """Model cells in the script; `met` does not look at it, since a brief does not know."""

    @field_validator("task", "metric", "prediction", "shape", "kinds", "names", "package", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def met(self, brief: Brief) -> bool:
        """Whether the competition is as asked."""
        kinds = {column.kind for column in brief.columns} | ({"id"} if _has_opaque_ids(brief) else set())
        words = max((column.words or 0.0 for column in brief.columns if column.kind == "text"), default=0.0)
        return all(
            (
                not self.task or brief.task in self.task,
                not self.metric or brief.metric in self.metric,
                not self.prediction or brief.prediction in self.prediction,
                not self.shape or shape_of(brief) in self.shape,
                not self.kinds or bool(kinds & set(self.kinds)),
                all(_names_a_number(pattern, brief) for pattern in self.names),
                self.words is None or words >= self.words,
                self.missing is None or any(column.missing > 0 for column in brief.columns) == self.missing,
                self.non_negative is None or is_non_negative(brief) == self.non_negative,
                self.long_tail is None or has_long_tail(brief) == self.long_tail,
                self.several is None or bool(brief.targets) == self.several,
                self.span is None or (brief.span_of is not None) == self.span,
                self.texts is None or len(comparable_texts(brief)) >= self.texts,
                self.kin is None or (group_column(brief) is not None) == self.kin,
                self.time is None or (brief.time_column is not None) == self.time,
                self.row_files is None or bool(brief.row_files) == self.row_files,
                self.pictures is None or bool(brief.pictures) == self.pictures,
                self.weights is None or weights_for(self.weights) is not None,
                all(is_installed(package) for package in self.package),
                self.max_classes is None or len(brief.classes) <= self.max_classes,
                self.min_rows is None or brief.train_rows >= self.min_rows,
                self.max_rows is None or brief.train_rows <= self.max_rows,
            )
        )


def shape_of(brief: Brief) -> Shape:
    """What the data mostly are: one picture a row, running text, or a table; or the target, where it is neither label nor number."""
    if brief.pixels is not None:
        return "restoration"
    if brief.task in ("text", "mask"):
        return "answers" if brief.task == "text" else "masks"
    if brief.image_shape is not None:
        return "pictures"
    text = [column for column in brief.columns if column.kind == "text" and (column.words or 0.0) >= RUNNING_TEXT_WORDS]
    others = [
        column for column in brief.columns if column.kind in ("number", "category", "boolean", "date") and not _counts_rows(column, brief)
    ]
    return "text" if text and len(others) <= 3 * len(text) else "table"


def is_non_negative(brief: Brief) -> bool:
    """Whether the target is a number that is never below zero in train."""
    if brief.targets:  # only the first is described
        return brief.task == "regression" and brief.metric == "rmsle"
    return brief.task == "regression" and brief.target_summary.get("min", -1.0) >= 0


def has_long_tail(brief: Brief) -> bool:
    """Whether the logarithm is the natural scale of the target."""
    if not is_non_negative(brief):
        return False
    return brief.metric == "rmsle" or brief.target_summary.get("skew", 0.0) >= LONG_TAIL


def comparable_texts(brief: Brief) -> tuple[str, ...]:
    """The columns of words of which a row may be asked how alike they are: texts, or categories with about as many words and values."""
    wordy = [column for column in brief.columns if column.kind == "text" or (column.kind == "category" and _words_of(column) >= 2)]
    return tuple(column.name for column in wordy if column.name not in brief.id_columns)[:3]


def group_column(brief: Brief) -> str | None:
    """The number by which rows form groups; none: there is no such column."""
    found = (column.name for column in brief.columns if _counts_rows(column, brief) and column.distinct < 0.7 * brief.train_rows)
    return next(found, None)


@cache
def is_installed(package: str) -> bool:
    """Whether the library can be imported here, where scripts run unless they are sent elsewhere."""
    return find_spec(package) is not None


def _words_of(column: Column) -> float:
    return sum(len(example.split()) for example in column.examples) / max(1, len(column.examples))


def _has_opaque_ids(brief: Brief) -> bool:
    """Whether some id that is no date is shared or composed: it may hold more than a number, such as the group of a row."""
    return any(column.name in brief.id_columns and column.kind != "date" for column in brief.columns)


def _names_a_number(pattern: str, brief: Brief) -> bool:
    return any(column.kind == "number" and re.match(pattern, column.name, re.IGNORECASE) for column in brief.columns)


def _counts_rows(column: Column, brief: Brief) -> bool:
    """Whether the column is a key of groups of rows (a sentence's number) rather than a quantity."""
    return column.kind == "number" and column.name.lower().endswith("id") and column.distinct > 0.01 * brief.train_rows
