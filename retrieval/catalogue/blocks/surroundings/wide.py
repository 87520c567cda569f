# name: wide
# plan: I describe each pixel by its 5 × 5 neighbours, medians, minima, maxima and blurs of several widths, and its difference from the wide median, which is the background.
from scipy import ndimage


def surroundings(picture):
    """pixels × features."""
    layers = [picture]
    padded = np.pad(picture, 2, mode="edge")
    height, width = picture.shape
    layers += [padded[down : down + height, right : right + width] for down in range(5) for right in range(5) if (down, right) != (2, 2)]
    background = ndimage.median_filter(picture, 25, mode="nearest")
    layers += [background, picture - background, ndimage.median_filter(picture, 3, mode="nearest"), ndimage.median_filter(picture, 9, mode="nearest")]
    for size in (3, 7):
        layers += [ndimage.minimum_filter(picture, size, mode="nearest"), ndimage.maximum_filter(picture, size, mode="nearest")]
    layers += [ndimage.gaussian_filter(picture, size) for size in (1, 3, 8)]
    layers += [np.full_like(picture, picture.mean()), np.full_like(picture, picture.std()), np.full_like(picture, np.quantile(picture, 0.1))]
    return np.stack([layer.ravel() for layer in layers], axis=1).astype(np.float32)
