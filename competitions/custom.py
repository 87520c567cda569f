"""competition.py: a `split` or a `score` of the user's own, for what no rule covers. It is imported by the harness, outside any cage."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from competitions.errors import CompetitionError
from competitions.metric import Floats, Metric, Prediction
from competitions.model import Competition, Task

SCRIPT = "competition.py"
CUSTOM = "custom"
"""The name of a split and of a metric that are written there."""
TASKS: dict[Prediction, frozenset[Task]] = {
    "label": frozenset({"binary", "multiclass"}),
    "probability": frozenset({"binary", "multiclass"}),
    "ranking": frozenset({"multiclass", "tags"}),
    "number": frozenset({"regression"}),
    "text": frozenset({"text"}),
    "pixel": frozenset({"mask"}),
}
HINT = "it is imported when the competition is loaded; mend it, or take it away"


@dataclass(frozen=True)
class Custom:
    """What a competition.py defines."""

    path: Path
    split: Callable[..., Any] | None = None
    """split(train, test, folds, seed): a fold for each training row, -1: never held out. Tables as in the files, cells as text."""
    score: Callable[..., Any] | None = None
    """score(actual, predicted): a number. Tables of the same rows: the target columns, the prediction columns."""
    prediction: Prediction = "number"
    """What the prediction columns hold; see competitions.metric."""
    greater_is_better: bool = False

    def explained(self, function: str) -> str:
        """Where a function is from, and the first line of what it says of itself."""
        said = (getattr(getattr(self, function), "__doc__", None) or "").strip().split("\n")[0]
        return f"{self.path.name}: {said}" if said else self.path.name


class CustomMetric(Metric):
    """A metric that a function of the user's computes, from all targets at once."""

    def bootstrap(self, competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        """Weights are taken for how often a row was drawn."""
        assert competition.script is not None
        custom = read_custom(competition.script)
        names, columns = list(competition.target_columns), list(competition.prediction_columns)
        truth = pd.DataFrame(actual.tolist(), columns=names) if len(names) > 1 else actual.to_frame(names[0]).reset_index(drop=True)
        guess = predicted[columns].reset_index(drop=True)
        return np.array([_scored(custom, truth, guess, row) for row in weights], dtype=float)


def _scored(custom: Custom, truth: pd.DataFrame, guess: pd.DataFrame, weights: Floats) -> float:
    assert custom.score is not None
    if (weights != 1).any():
        drawn = np.repeat(np.arange(len(truth)), np.rint(weights).astype(int))
        truth, guess = (table.iloc[drawn].reset_index(drop=True) for table in (truth, guess))
    try:
        return float(custom.score(truth.copy(), guess.copy()))
    except Exception as error:
        raise CompetitionError(custom.path, "score", f"{type(error).__name__}: {error}", "score must give a number for any rows") from error


def custom_metric(custom: Custom) -> Metric:
    """The metric of a competition.py that has a `score`."""

    def unused(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, weights: Floats) -> Floats:
        raise NotImplementedError  # a function of the user's sees all targets at once

    tasks = TASKS[custom.prediction]
    return CustomMetric(CUSTOM, custom.greater_is_better, custom.prediction, tasks, unused, bounds=(-np.inf, np.inf))


def custom_folds(script: Path, train: pd.DataFrame, test: pd.DataFrame, folds: int, seed: int) -> npt.NDArray[np.int64]:
    """The fold of each training row, below `folds`; a row with a higher number is never held out.

    Raises:
        CompetitionError: `split` fails, or what it gives is no such thing.
    """
    custom = read_custom(script)
    assert custom.split is not None
    try:
        given = custom.split(train.copy(), test.copy(), folds, seed)
        numbers = np.asarray(given, dtype=float)
    except Exception as error:
        remedy = f"split(train, test, folds, seed) must give a whole number for each of the {len(train)} training rows"
        raise CompetitionError(custom.path, "split", f"{type(error).__name__}: {error}", remedy) from error
    if numbers.shape != (len(train),) or not np.isfinite(numbers).all() or (numbers % 1 != 0).any() or (numbers < -1).any():
        remedy = f"give a whole number from -1 for each of the {len(train)} training rows"
        raise CompetitionError(custom.path, "split", f"{numbers.shape} values such as {numbers.ravel()[:3].tolist()}", remedy)
    codes = numbers.astype(np.int64)
    for fold in range(folds):
        share = (codes == fold).mean()
        if share in (0.0, 1.0):
            what = "no row" if share == 0 else "every row"
            raise CompetitionError(
                custom.path, "split", f"{what} is in fold {fold} of {folds}", "each fold needs rows, and rows outside it"
            )
    return np.where(codes < 0, max(folds, int(codes.max()) + 1), codes)


def read_custom(path: Path) -> Custom:
    """Import a competition.py.

    Raises:
        CompetitionError: it cannot be imported, defines nothing, or does not say what its score needs.
    """
    known = path.stat()
    return _read(path, known.st_mtime_ns, known.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, _modified: int, _size: int) -> Custom:
    module = ModuleType("mlestar_competition")
    module.__file__ = str(path)
    try:
        # Not imported by Python's machinery: it keeps byte code by the second and the size, and would miss a quick change.
        exec(compile(path.read_bytes(), path, "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise CompetitionError(path, None, f"{type(error).__name__}: {error}", HINT) from error
    split, score = (getattr(module, name, None) for name in ("split", "score"))
    if not callable(split) and not callable(score):
        raise CompetitionError(
            path, None, "no split and no score", "define one of the functions split(train, test, folds, seed), score(actual, predicted)"
        )
    custom = Custom(path, split if callable(split) else None, score if callable(score) else None)
    return custom if custom.score is None else _with_kind(custom, module)


def _with_kind(custom: Custom, module: object) -> Custom:
    """A score is of no use without its direction and what is predicted."""
    greater: Any = getattr(module, "greater_is_better", None)
    prediction: Any = getattr(module, "prediction", None)
    if not isinstance(greater, bool):
        raise CompetitionError(custom.path, "greater_is_better", greater, "write 'greater_is_better = True' or False beside score")
    if prediction not in get_args(Prediction):
        kinds = ", ".join(map(repr, get_args(Prediction)))
        raise CompetitionError(custom.path, "prediction", prediction, f"write 'prediction = …' beside score, one of {kinds}")
    return Custom(custom.path, custom.split, custom.score, prediction, greater)
