# name: narrow
# title: with narrow surroundings
# plan: I describe each pixel by itself, the median of its 3 × 3 neighbours and the background alone, which is quick.
# light: yes
from scipy import ndimage


def surroundings(picture):
    """pixels × features."""
    background = ndimage.median_filter(picture, 15, mode="nearest")
    layers = [picture, background, picture - background, ndimage.median_filter(picture, 3, mode="nearest")]
    return np.stack([layer.ravel() for layer in layers], axis=1).astype(np.float32)
