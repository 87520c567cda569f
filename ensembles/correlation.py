"""How alike the members' predictions are."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from competitions import Competition
from ensembles.stack import member_columns
from ensembles.stacking import MemberPredictions


def correlations(members: Sequence[MemberPredictions], competition: Competition) -> pd.DataFrame:
    """Members × members: Pearson correlation of their out-of-fold predictions, indexed by candidate number.

    With classes, the columns of all classes are stacked, each less its mean, so that frequent classes do not make all members look
    alike. A member that predicts a constant has correlation 0 with all others.
    """
    vectors = []
    for member in members:
        held_out = pd.concat([fold.held_out for fold in member.folds]).sort_index()
        values = member_columns(held_out, "m", competition.classes, competition.positive_class).to_numpy()
        vectors.append((values - values.mean(axis=0)).ravel())
    lengths = np.array([np.linalg.norm(vector) for vector in vectors])
    products = np.array(vectors) @ np.array(vectors).T
    matrix = np.divide(products, np.outer(lengths, lengths), out=np.zeros_like(products), where=np.outer(lengths, lengths) > 0)
    np.fill_diagonal(matrix, 1.0)
    numbers = [member.number for member in members]
    return pd.DataFrame(matrix.clip(-1, 1), index=numbers, columns=numbers)
