"""Time: the moments that a column names, and the blocks in which the test rows' moments lie among the training rows'."""

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
CLOCK = re.compile(r"(?:.*[_ ])?(?:time|timestamp|unix|epoch|date|year|yearmonth|month_id|week_id|day_id|date_id|time_id|step)(?:[_ ].*)?")
"""Names of columns whose whole numbers count time; what only turns in a circle (hour, month) is not among them."""
GLANCE = 200
"""Cells looked at before a whole column is read as dates."""
FEWEST_MOMENTS = 20
"""Fewer moments than this are no order: that the test lacks them may be chance, or a mark of the file."""
FEWEST_TEST_MOMENTS = 6
RUNS_AS_BY_CHANCE = 0.5
"""Test moments that form fewer than so many times the runs that chance would give come in blocks."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """How the test's units of time (moments, or whole days where no day is on both sides) lie among those of train."""

    by_day: bool
    test_runs: int
    """Runs of test units without a training unit in between."""
    by_chance: float
    """Runs that were to be expected if the same units were drawn at random."""
    length: float
    """Mean number of units in a test run."""


def dates(cells: pd.Series) -> pd.Series | None:
    """The moments that a column's cells name; none where one of them names none."""
    if not cells.head(GLANCE).str.match(DATE).all():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # formats that differ from cell to cell
        moments = pd.to_datetime(cells, errors="coerce", utc=True)
        if moments.isna().any():
            moments = pd.to_datetime(cells, errors="coerce", utc=True, format="mixed")
    return moments if moments.notna().all() else None


def times(cells: pd.Series) -> pd.Series | None:
    """Dates, or whole numbers in a column whose name says that it counts time; else none."""
    moments = dates(cells)
    if moments is not None or not CLOCK.fullmatch(str(cells.name).lower()):
        return moments
    numbers = pd.to_numeric(cells, errors="coerce")
    return numbers if bool(numbers.notna().all() and (numbers % 1 == 0).all()) else None


def order_of(cells: pd.Series) -> pd.Series:
    """The order of the rows in time: by number, by date, or by text."""
    numbers = pd.to_numeric(cells, errors="coerce")
    if numbers.notna().all():
        return numbers
    moments = dates(cells)
    return cells if moments is None else moments


def blocks_of_test(train: pd.Series, test: pd.Series) -> Blocks | None:
    """How the test comes in blocks of time between training rows; none: it does not, or it lies on one side of them.

    The number of runs is compared with what chance would give (Wald & Wolfowitz 1940). Both sides must not share a unit of time.
    """
    train, test, by_day = _units(train, test)
    here, there = np.unique(train.to_numpy()), np.unique(test.to_numpy())
    if len(here) < FEWEST_MOMENTS or len(there) < FEWEST_TEST_MOMENTS or np.isin(there, here).any():
        return None
    runs = _runs(here, there)
    by_chance = len(there) * (len(here) + 1) / (len(here) + len(there))
    inside = ((there > here[0]) & (there < here[-1])).mean()
    if inside < 0.5 or len(runs) > RUNS_AS_BY_CHANCE * by_chance:
        return None
    return Blocks(by_day, len(runs), by_chance, len(there) / len(runs))


def deal_blocks(train: pd.Series, test: pd.Series, folds: int, seed: int) -> tuple[Integers, int]:
    """(a fold number for each training row, number of blocks dealt): blocks as long as the test's, cut so that none spans a test block.

    Neighbouring blocks go to different folds, each fold getting one of every `folds` blocks in a random order, as the test has one here
    and one there. Where the test comes in no blocks, train is cut into four blocks a fold.
    """
    found = blocks_of_test(train, test)
    units, others, _ = _units(train, test) if found else (train, test, False)
    here, there = np.unique(units.to_numpy()), np.unique(others.to_numpy())
    length = found.length if found else len(here) / (4 * folds)
    cuts = np.searchsorted(here, there) if found else np.array([], dtype=np.int64)
    stretches = np.split(np.arange(len(here)), np.unique(cuts[(cuts > 0) & (cuts < len(here))]))
    blocks = [block for one in stretches for block in np.array_split(one, max(1, round(len(one) / max(length, 1)))) if len(block)]
    rng = np.random.RandomState(seed)  # its stream never changes
    deal = np.concatenate([rng.permutation(folds) for _ in range(-(-len(blocks) // folds))])[: len(blocks)]
    fold_of_unit = np.repeat(deal, [len(block) for block in blocks])
    return fold_of_unit[np.searchsorted(here, units.to_numpy())].astype(np.int64), len(blocks)


def _units(train: pd.Series, test: pd.Series) -> tuple[pd.Series, pd.Series, bool]:
    """Both sides as days, where they are moments of which no day is on both sides and more than one is in a day; else as they are."""
    if isinstance(train.dtype, pd.DatetimeTZDtype) and isinstance(test.dtype, pd.DatetimeTZDtype):
        days, other = train.dt.floor("D"), test.dt.floor("D")
        if set(days).isdisjoint(other):
            return days, other, True
    return train, test, False


def _runs(here: npt.NDArray[Any], there: npt.NDArray[Any]) -> Integers:
    """Where, among the sorted training units, each run of test units lies."""
    return np.unique(np.searchsorted(here, there))
