# name: square root
# needs: {non_negative: true}
# plan: I let the models learn the square root of the target, a milder way than the logarithm to draw in its tail.
def to_scale(values):
    """The scale on which the models learn: the square root of the target."""
    return np.sqrt(np.maximum(values, 0))


def from_scale(values):
    return np.maximum(values, 0) ** 2
