"""How training rows are spread over folds, and which of them a cheaper fidelity keeps."""

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from competitions.custom import CUSTOM, custom_folds
from competitions.errors import CompetitionError
from competitions.model import Competition
from competitions.moments import deal_blocks, order_of
from competitions.relation import given_folds

HOLDOUT_PARTS = 5
"""One holdout is a fifth of the rows."""
FOLDS_BY_CELLS = ((1_500_000, 5), (15_000_000, 3))
"""(cells of the training table at most, folds); beyond: one holdout."""

Integers = npt.NDArray[np.int64]


def number_of_folds(train: pd.DataFrame) -> int:
    """By the size of the data: 5 folds up to 1.5 million cells (rows × columns), 3 up to 15 million, else one holdout of a fifth."""
    return next((folds for limit, folds in FOLDS_BY_CELLS if train.size <= limit), 1)


def assign_folds(competition: Competition, train: pd.DataFrame, test: pd.DataFrame, folds: int, seed: int) -> Integers:
    """A number per training row: its fold, where it is below `folds`; a row with a higher number is never held out.

    Raises:
        CompetitionError: too few rows, groups, moments or given folds for so many folds.
    """
    parts = folds if folds > 1 else HOLDOUT_PARTS
    split, column = competition.validation.split, competition.validation.column
    if len(train) < 2 * parts:
        raise _too_few(competition, "rows", len(train), parts)
    if split == CUSTOM and competition.script:
        return custom_folds(competition.script, train, test, folds, seed)
    if split == "blocks" and column:
        assignment, blocks = deal_blocks(order_of(train[column]), order_of(test[column]), parts, seed)
        if blocks < parts:
            raise _too_few(competition, f"blocks of time ({column})", blocks, parts)
        return assignment
    if split in ("time", "given") and column:
        return _given(competition, train[column], folds) if split == "given" else _last_blocks(competition, order_of(train[column]), folds)
    target = train[competition.target] if competition.classes else None
    if split == "grouped" and column:
        groups = train[column]
        if groups.nunique() < parts:
            raise _too_few(competition, f"groups ({column})", groups.nunique(), parts)
        splitter = (
            GroupKFold(parts, shuffle=True, random_state=seed)
            if target is None
            else StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
        )
        return _numbered(splitter, train, target, groups)
    if split == "stratified" and target is not None and target.value_counts().max() >= parts:
        return _numbered(StratifiedKFold(parts, shuffle=True, random_state=seed), train, target, None)
    return _numbered(KFold(parts, shuffle=True, random_state=seed), train, None, None)


def keep_rows(assignment: Integers, classes: pd.Series | None, count: int, seed: int) -> Integers:
    """The same assignment with about all but `count` rows set to -1; every class stays in every fold where it was.

    More than `count` rows are kept only where there are more pairs of class and fold than that. A smaller count keeps a subset.
    """
    if len(assignment) <= count:
        return assignment
    frame = pd.DataFrame({"fold": assignment})
    if classes is not None:
        frame["class"] = classes.to_numpy()
    stratum = frame.groupby(list(frame.columns), sort=True).ngroup()
    sizes = stratum.value_counts(sort=False).sort_index()
    quotas = np.maximum(1, np.floor(sizes.to_numpy() * (count / len(assignment)))).astype(np.int64)
    while quotas.sum() > count and quotas.max() > 1:
        quotas[quotas.argmax()] -= 1
    order = np.random.RandomState(seed).permutation(len(assignment))  # its stream never changes
    rank = stratum.iloc[order].groupby(stratum.iloc[order]).cumcount().sort_index()
    return np.where(rank.to_numpy() < quotas[stratum.to_numpy()], assignment, -1)


def _numbered(
    splitter: KFold | StratifiedKFold | GroupKFold | StratifiedGroupKFold,
    train: pd.DataFrame,
    target: pd.Series | None,
    groups: pd.Series | None,
) -> Integers:
    assignment = np.full(len(train), -1, dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "the least populated class": it is in fewer folds, which is fine
        for fold, (_, held_out) in enumerate(splitter.split(train, target, groups)):
            assignment[held_out] = fold
    return assignment


def _given(competition: Competition, cells: pd.Series, folds: int) -> Integers:
    """The data's own folds; those beyond `folds`, and rows that are in none, are never held out."""
    codes = given_folds(cells).to_numpy()
    count = int(codes.max()) + 1
    if count < folds:
        raise _too_few(competition, f"folds in {cells.name!r}", count, folds)
    return np.where(codes < 0, count, codes)


def _last_blocks(competition: Competition, moments: pd.Series, folds: int) -> Integers:
    """Contiguous blocks of about equal size: the last `folds` of them are held out, in their order; rows of one moment stay together."""
    parts = folds + 1 if folds > 1 else HOLDOUT_PARTS
    if moments.nunique() < parts:
        raise _too_few(competition, f"distinct moments ({competition.validation.column})", moments.nunique(), parts)
    block = _parts((moments.rank(method="min") - 1).to_numpy(), parts, len(moments))
    if len(np.unique(block)) < parts:  # one moment fills a whole block: make the blocks of moments, not of rows
        block = _parts((moments.rank(method="dense") - 1).to_numpy(), parts, moments.nunique())
    first_held = parts - folds
    return np.where(block >= first_held, block - first_held, block + folds)


def _parts(ranks: npt.NDArray[np.floating[Any]], parts: int, count: int) -> Integers:
    return (ranks * parts // count).astype(np.int64)


def _too_few(competition: Competition, what: str, count: int, parts: int) -> CompetitionError:
    return CompetitionError(
        competition.folder / (competition.train_path or ""), None, f"{count} {what}, too few for {parts} parts", "choose fewer folds"
    )
