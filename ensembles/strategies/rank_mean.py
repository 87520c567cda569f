# name: rank mean
# plan: The metric looks at the order of the rows only, so replace every member's probabilities by their ranks and average those; members with differently spread probabilities then count the same.
# fits: metric = roc_auc and task = binary
from scipy.stats import rankdata


def rank_mean(P):
    """Mean rank of the positive class's probability, scaled into (0, 1); the other class gets the rest."""
    positive = CLASSES.index(POSITIVE_CLASS)
    rank = np.mean([rankdata(member[:, positive]) for member in P], axis=0) / (P.shape[1] + 1)
    return np.column_stack([rank if code == positive else 1 - rank for code in range(len(CLASSES))])


Z_train, Z_test = rank_mean(P_train), rank_mean(P_test)
