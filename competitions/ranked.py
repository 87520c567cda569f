"""Rankings: cells that hold labels, the best first, with blanks between; and how well they rank what is relevant."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from competitions.metric import Floats
from competitions.model import Competition


def ranked_labels(cell: str, most: int) -> list[str]:
    """The first `most` distinct labels of a cell, in order."""
    return list(dict.fromkeys(cell.split()))[:most]


def average_precision(relevant: frozenset[str], ranked: Sequence[str], most: int) -> float:
    """Mean, over the relevant labels (at most `most`), of the precision at the place where each is found; 0 where it is not."""
    found, total = 0, 0.0
    for place, label in enumerate(ranked, 1):
        if label in relevant:
            found += 1
            total += found / place
    return total / max(1, min(len(relevant), most))


def discounted_gain(relevant: frozenset[str], ranked: Sequence[str], most: int) -> float:
    """NDCG of labels that are relevant or not: gains discounted by log2(place + 1), as a share of the best that could be."""
    gain = sum(1 / np.log2(place + 1) for place, label in enumerate(ranked, 1) if label in relevant)
    best = sum(1 / np.log2(place + 1) for place in range(1, min(len(relevant), most) + 1))
    return float(gain / best) if best else 0.0


def each_row(
    gain: Callable[[frozenset[str], Sequence[str], int], float], most: int
) -> Callable[[Competition, pd.Series, pd.DataFrame], Floats]:
    """What each row's ranking is worth; the truth of a row is one label, or several with blanks between."""

    def of_rows(competition: Competition, actual: pd.Series, predicted: pd.DataFrame) -> Floats:
        cells = zip(actual, predicted[competition.prediction_columns[0]], strict=True)
        return np.array([gain(frozenset(truth.split()), ranked_labels(guess, most), most) for truth, guess in cells], dtype=float)

    return of_rows
