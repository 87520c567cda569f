"""Whether a competition.py does what it says, before a run relies on it."""

import math

import numpy as np
import pandas as pd

from competitions.custom import CUSTOM, custom_folds, read_custom
from competitions.errors import CompetitionError
from competitions.folds import number_of_folds
from competitions.metrics import metric_of
from competitions.model import Competition
from competitions.sources import Tables
from competitions.view import canonical_target

ROWS = 1_000


def check_custom(competition: Competition, tables: Tables) -> None:
    """Cut the training rows once, and score true values as predictions.

    Raises:
        CompetitionError: the split or the score fails, or what it gives is none.
    """
    assert competition.script is not None
    custom = read_custom(competition.script)
    if custom.split is not None:
        folds = competition.validation.folds or number_of_folds(tables.train)
        custom_folds(competition.script, tables.train, tables.test, folds, seed=0)
    if custom.score is None:
        return
    if competition.metric != CUSTOM or competition.pixels is not None:
        raise CompetitionError(competition.script, "score", "the target of a row is a picture", "take the score away: it is for tables")
    actual = canonical_target(competition, tables.train).iloc[:ROWS].reset_index(drop=True)
    score = metric_of(competition).score(competition, actual, _true(competition, actual))
    if not math.isfinite(score):
        raise CompetitionError(competition.script, "score", score, f"true values of {len(actual)} training rows must have a score")


def _true(competition: Competition, actual: pd.Series) -> pd.DataFrame:
    """Predictions that are right."""
    columns = list(competition.prediction_columns)
    if len(competition.target_columns) > 1:
        values = pd.DataFrame(actual.tolist(), columns=columns)
        chances = metric_of(competition).prediction == "probability"
        return (values == competition.positive_class).astype(float) if chances else values
    if metric_of(competition).prediction == "probability":
        return pd.DataFrame({name: np.asarray(actual == competition.class_of(name), dtype=float) for name in columns})
    return pd.DataFrame({columns[0]: actual})
