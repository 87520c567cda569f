def loss(Z, y):
    """One minus the area under the ROC curve; ties count half."""
    score = Z[:, CLASSES.index(POSITIVE_CLASS)]
    positive = y == CLASSES.index(POSITIVE_CLASS)
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n = positive.sum()
    if n in (0, len(y)):
        return 0.5
    return 1 - (rank[positive].sum() - n * (n + 1) / 2) / (n * (len(y) - n))
