# name: logarithm
# needs: {non_negative: true}
# starts: {long_tail: true}
# plan: I let the models learn log(1 + target): the target has a long tail, and relative errors count more evenly there.
def to_scale(values):
    """The scale on which the models learn: log(1 + target)."""
    return np.log1p(np.maximum(values, 0))


def from_scale(values):
    return np.expm1(np.clip(values, 0, 700))
