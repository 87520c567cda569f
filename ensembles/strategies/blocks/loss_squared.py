def loss(Z, y):
    """Mean squared error."""
    return ((Z - y) ** 2).mean()
