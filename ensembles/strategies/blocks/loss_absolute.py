def loss(Z, y):
    """Mean absolute error."""
    return np.abs(Z - y).mean()
