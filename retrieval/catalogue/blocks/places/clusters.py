# name: clusters
# plan: I group the places into 60 clusters, and add the distance to the ten largest centres and the mean of the other numbers around.
#> turns

from sklearn.cluster import KMeans

clusters = KMeans(min(60, len(spots)), n_init=1, random_state=SEED).fit(spots)
largest = np.argsort(-np.bincount(clusters.labels_))[:10]
distances = clusters.transform(spots)[:, largest]
data = pd.concat([data, pd.DataFrame(distances, columns=[f"distance to centre {i}" for i in range(len(largest))])], axis=1)
for column in [c for c in columns if c in data and c not in place and pd.api.types.is_numeric_dtype(data[c])]:
    data[f"{column} around"] = data.groupby(clusters.labels_)[column].transform("mean")
