# name: neighbours
# plan: I add the mean target of the nearest training rows on the map (10 and 40 of them, without the row itself) and turn the map by several angles: near places resemble each other.
#> turns

from sklearn.neighbors import NearestNeighbors

nearest = NearestNeighbors(n_neighbors=min(41, len(train))).fit(spots[: len(train)])
_, near = nearest.kneighbors(spots)
others = near != np.arange(len(spots))[:, None]  # a training row finds itself first; a test row never does
for count in (10, 40):
    weights = others & (np.cumsum(others, axis=1) <= count)
    data[f"target of {count} neighbours"] = (y[near] * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
