# name: plain
# plan: I let gradient boosting say of each pixel, from its surroundings in the picture, blurred at several widths, and its place, whether the mask has it.
from PIL import Image
from scipy import ndimage
from sklearn.ensemble import HistGradientBoostingClassifier

SIDE, MOST_PIXELS = 96, 300_000


class PixelByPixel:
    """Gradient boosting on the pixels of pictures that are no larger than SIDE."""

    def __init__(self, max_iter=150, max_leaf_nodes=31):
        self.max_iter, self.max_leaf_nodes = max_iter, max_leaf_nodes

    def fit(self, rows):
        self.shape = first.shape
        self.columns_first = self._lies_in_columns(rows)
        self.mean = self._small(np.mean([self._grid(dense(y[row], AREA)) for row in rows[:300]], axis=0))
        some = np.random.default_rng(SEED).permutation(rows)[:400]
        features, inside = [], []
        for row in some:
            picture = picture_of(0, keys[0][row])
            if picture is not None and picture.shape == self.shape:
                features.append(self._features(picture))
                inside.append(self._small(self._grid(dense(y[row], AREA))).ravel() > 0.5)
        features, inside = np.concatenate(features), np.concatenate(inside)
        chosen = np.random.default_rng(SEED).permutation(len(features))[:MOST_PIXELS]
        self.model = None
        if 0 < inside[chosen].sum() < len(chosen):
            boosting = HistGradientBoostingClassifier(max_iter=self.max_iter, max_leaf_nodes=self.max_leaf_nodes, random_state=SEED, early_stopping=False)
            self.model = boosting.fit(features[chosen], inside[chosen])
        return self

    def predict(self, side, row):
        picture = picture_of(side, keys[side][row])
        small = self.mean
        if self.model is not None and picture is not None and picture.shape == self.shape:
            small = self.model.predict_proba(self._features(picture))[:, 1].reshape(self.mean.shape)
        grid = np.asarray(Image.fromarray(small.astype(np.float32)).resize(self.shape[::-1], Image.BILINEAR))
        flat = (grid.T if self.columns_first else grid).ravel()
        return np.pad(flat, (0, AREA - len(flat)))

    def _grid(self, flat):
        height, width = self.shape
        flat = flat[: height * width]
        return (flat.reshape(width, height).T if self.columns_first else flat.reshape(height, width)).astype(np.float32)

    def _lies_in_columns(self, rows):
        """Whether the runs go down the columns: masks are smoother the right way round."""
        roughness = []
        for self.columns_first in (True, False):
            grids = [self._grid(dense(y[row], AREA)) for row in [row for row in rows if y[row]][:50]]
            roughness.append(sum(np.abs(np.diff(grid, axis=axis)).sum() for grid in grids for axis in (0, 1)))
        return roughness[0] <= roughness[1]

    def _small(self, grid):
        scale = min(1.0, SIDE / max(self.shape))
        size = (max(1, round(self.shape[1] * scale)), max(1, round(self.shape[0] * scale)))
        return np.asarray(Image.fromarray(np.asarray(grid, dtype=np.float32)).resize(size, Image.BOX))

    def _features(self, picture):
        small = self._small(picture)
        layers = [small, self.mean, *np.mgrid[: small.shape[0], : small.shape[1]], np.full(small.shape, small.mean()), np.full(small.shape, small.std())]
        for width in (1, 2, 4, 8, 16):
            layers.append(ndimage.gaussian_filter(small, width))
            layers.append(ndimage.gaussian_gradient_magnitude(small, width))
        layers += [ndimage.minimum_filter(small, 5), ndimage.maximum_filter(small, 5)]
        return np.stack([layer.ravel() for layer in layers], axis=1).astype(np.float32)


models["pixel by pixel"] = PixelByPixel(max_iter=150, max_leaf_nodes=31)
