# name: gradients
# plan: I add histograms of the directions of the gradients, in cells of about four pixels: edges say more about a shape than single pixels.
pixels = [c for c in columns if c in data and pd.api.types.is_numeric_dtype(data[c])][: IMAGE_SHAPE[0] * IMAGE_SHAPE[1]]
images = data[pixels].fillna(0).to_numpy(dtype=float).reshape(-1, *IMAGE_SHAPE)
down, right = np.gradient(images, axis=(1, 2))
strength, direction = np.hypot(down, right), np.arctan2(down, right) % (2 * np.pi)
share = direction / (2 * np.pi) * 8
cells = [(r, c) for r in np.array_split(np.arange(IMAGE_SHAPE[0]), max(2, IMAGE_SHAPE[0] // 4)) for c in np.array_split(np.arange(IMAGE_SHAPE[1]), max(2, IMAGE_SHAPE[1] // 4))]
histograms = {}
for number, (r, c) in enumerate(cells):
    for angle in range(8):
        weight = np.clip(1 - np.minimum(np.abs(share - angle), 8 - np.abs(share - angle)), 0, None)
        histograms[f"gradient {number} {angle}"] = (strength * weight)[:, r][:, :, c].sum(axis=(1, 2))
histograms = pd.DataFrame(histograms)
length = np.sqrt((histograms**2).sum(axis=1)) + 1e-9
largest = max(float(np.abs(images).max()), 1e-9)
data = pd.concat([data, histograms.div(length, axis=0) * largest], axis=1)
