# name: plain
# title: without a transformed target
# plan: I predict the target as it is.
def to_scale(values):
    """The scale on which the models learn: the target's own."""
    return values


def from_scale(values):
    return values
