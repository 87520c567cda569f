"""How the test rows relate to the training rows, and so how rows are held out: validation imitates the test."""

import re
from collections.abc import Sequence

import pandas as pd

from competitions.model import Task, Validation
from competitions.moments import FEWEST_MOMENTS, blocks_of_test, order_of, times

FEWEST_GROUPS = 20
"""Fewer values than this are no groups: that the test lacks them may be chance, or a mark of the file."""
MEAN_GROUP = 2.0
GLANCE = 10_000
FOLD_NAME = re.compile(r"(?:k|cv|train|val|valid|validation)?[_ ]?folds?(?:[_ ]?(?:id|no|number|index|nr))?", re.IGNORECASE)
MOST_FOLDS = 20
LONG = 0.2
"""Groups that last over such a share of the time on average are cut by a split in time."""


def infer_validation(task: Task, train: pd.DataFrame, test: pd.DataFrame, ids: Sequence[str], targets: Sequence[str] = ()) -> Validation:
    """A fold column that comes with the data; by time only if the test lies after train; in blocks of time if the test does; grouped only
    if the test's groups are absent from train; else at random.

    Raises:
        ValueError: two rules fit the evidence and would hold out other rows; the message gives them as choices.
    """
    shared = [name for name in test.columns if name in train.columns]
    given = _given(train, [name for name in train.columns if name not in shared and name not in targets])
    if given:
        return given
    timed = [one for one in (_by_time(train, test, name) for name in shared) if one]
    grouped = [one for one in (_grouped(train, test, name) for name in shared if name not in ids) if one]
    if rules := _unlike(train, timed, grouped):
        raise ValueError("; or ".join(f"{{split: {one.split}, column: {one.column}}}, because {one.evidence}" for one in rules))
    if timed or grouped:
        return (timed or [_coarsest(train, grouped)])[0]
    reason = "nothing says that the test rows were chosen otherwise"
    if task in {"binary", "multiclass"}:
        return Validation(split="stratified", evidence=f"rows drawn at random, every class in its share: {reason}")
    return Validation(split="plain", evidence=f"rows drawn at random: {reason}")


def _unlike(train: pd.DataFrame, timed: list[Validation], grouped: list[Validation]) -> list[Validation]:
    """Two rules that would hold out other rows; none: all agree."""
    if len({one.split for one in timed}) > 1:
        return [next(one for one in timed if one.split == split) for split in ("time", "blocks")]
    for other in grouped if timed and timed[0].split == "time" else []:
        if _last(train, str(timed[0].column), str(other.column)):
            return [timed[0], other]
    coarsest = _coarsest(train, grouped) if grouped else None
    for other in grouped:
        if coarsest is not None and train.groupby(str(other.column))[str(coarsest.column)].nunique().max() > 1:
            return [coarsest, other]
    return []


def _last(train: pd.DataFrame, time: str, group: str) -> bool:
    """Whether groups last so long that a cut in time cuts many of them, so that the held-out rows' groups are known and the test's not."""
    ranks = order_of(train[time]).rank(pct=True)
    ends = ranks.groupby(train[group]).agg(["min", "max"])
    return bool((ends["max"] - ends["min"]).mean() > LONG)


def _coarsest(train: pd.DataFrame, grouped: list[Validation]) -> Validation:
    """The rule with the fewest groups: where groups lie within each other, it keeps the others together too."""
    return min(grouped, key=lambda one: train[str(one.column)].nunique())


def given_folds(cells: pd.Series) -> pd.Series:
    """The fold of each row, 0 and on in the order of the values; -1 where the value is a negative number or missing: never held out."""
    numbers = pd.to_numeric(cells, errors="coerce")
    out = (numbers < 0) | (cells == "")
    order = numbers if numbers[~out].notna().all() else cells
    codes = pd.Series(-1, index=cells.index, dtype="int64")
    codes[~out] = order[~out].rank(method="dense").astype("int64") - 1
    return codes


def _given(train: pd.DataFrame, only: Sequence[str]) -> Validation | None:
    """A column of train alone that is named like a fold and holds few whole numbers."""
    for name in only:
        if not FOLD_NAME.fullmatch(name):
            continue
        numbers = pd.to_numeric(train[name], errors="coerce")
        count = int(given_folds(train[name]).max()) + 1
        if numbers.notna().all() and (numbers % 1 == 0).all() and 2 <= count <= MOST_FOLDS:
            return Validation(split="given", column=name, folds=count, evidence=f"the training table has {count} folds in {name!r}")
    return None


def _by_time(train: pd.DataFrame, test: pd.DataFrame, name: str) -> Validation | None:
    before, after = times(train[name]), times(test[name])
    if before is None or after is None or before.nunique() < FEWEST_MOMENTS:
        return None
    if before.max() < after.min():
        evidence = f"the test rows lie after the training rows: {name!r} ends with {_moment(before.max())} in train"
        return Validation(split="time", column=name, evidence=f"{evidence} and begins with {_moment(after.min())} in test")
    blocks = blocks_of_test(before, after)
    if blocks is None:
        return None
    unit = "days" if blocks.by_day else "moments"
    evidence = f"the test rows come in {blocks.test_runs} blocks of time between training rows, about {blocks.length:.1f} {unit} each in"
    return Validation(
        split="blocks", column=name, evidence=f"{evidence} {name!r}; {unit} drawn at random would make about {blocks.by_chance:.0f} blocks"
    )


def _grouped(train: pd.DataFrame, test: pd.DataFrame, name: str) -> Validation | None:
    if not _groups_apart(train[name], test[name]):
        return None
    evidence = f"none of the {test[name].nunique()} values of {name!r} in test occurs among the {train[name].nunique()} in train"
    return Validation(split="grouped", column=name, evidence=evidence)


def _groups_apart(train: pd.Series, test: pd.Series) -> bool:
    """Whether both sides consist of repeated values of their own; numbers with a fraction are measurements, no groups."""
    others = set(test)
    if not others.isdisjoint(train.head(GLANCE)):  # spares a look at all of a large table
        return False
    groups = set(train)
    if len(groups) < FEWEST_GROUPS or len(train) < MEAN_GROUP * len(groups) or not groups.isdisjoint(others):
        return False
    numbers = pd.to_numeric(train, errors="coerce")
    return bool(numbers.isna().any() or (numbers % 1 == 0).all())


def _moment(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{value:g}"
