MOST_PIXELS = 400_000


def sampled(pictures, truths, most):
    """Features and values of at most so many pixels, drawn evenly from the pictures."""
    lots = np.random.default_rng(SEED)
    each = max(1, most // len(pictures))
    features, values = [], []
    for picture, truth in zip(pictures, truths):
        chosen = lots.permutation(picture.size)[:each]
        features.append(surroundings(picture)[chosen])
        values.append(truth.ravel()[chosen])
    return np.concatenate(features), np.concatenate(values)


class PixelRegression:
    """Any regression, pixel by pixel."""

    def __init__(self, regression):
        self.regression = regression

    def fit(self, pictures, truths):
        self.regression.fit(*sampled(pictures, truths, MOST_PIXELS))
        return self

    def predict(self, pictures):
        return [self.regression.predict(surroundings(picture)).reshape(picture.shape) for picture in pictures]
