# name: deskew
# plan: I straighten each picture: its slant, measured by the moments of its ink, is sheared away, so that the same shape lands on the same pixels.
from scipy.ndimage import affine_transform

pixels = [c for c in columns if c in data and pd.api.types.is_numeric_dtype(data[c])][: IMAGE_SHAPE[0] * IMAGE_SHAPE[1]]
images = data[pixels].fillna(0).to_numpy(dtype=float).reshape(-1, *IMAGE_SHAPE)
rows, cols = np.mgrid[: IMAGE_SHAPE[0], : IMAGE_SHAPE[1]]
middle = np.array(IMAGE_SHAPE) / 2


def straighten(image):
    ink = image.sum()
    if ink <= 0:
        return image
    centre = np.array([(rows * image).sum(), (cols * image).sum()]) / ink
    spread = ((rows - centre[0]) ** 2 * image).sum()
    slant = ((rows - centre[0]) * (cols - centre[1]) * image).sum() / spread if spread > 0 else 0.0
    shear = np.array([[1.0, 0.0], [np.clip(slant, -1, 1), 1.0]])
    return affine_transform(image, shear, offset=centre - shear @ middle, order=1)


data[pixels] = np.stack([straighten(image) for image in images]).reshape(len(data), -1)
