grades = np.array([float(label) for label in CLASSES])


def loss(Z, y):
    """Squared error of the expected grade: what the metric punishes."""
    return ((Z @ grades - grades[y]) ** 2).mean()
