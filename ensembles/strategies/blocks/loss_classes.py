def loss(Z, y):
    """Log loss: smoother than a count of mistakes, so it takes fewer rows to tell two blends apart."""
    return -np.log(Z[np.arange(len(y)), y].clip(1e-6)).mean()
