# name: topics
# plan: I turn the text columns into TF-IDF weights and keep their 24 strongest directions (truncated SVD) as numbers.
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

for column in TEXT_COLUMNS:
    texts = data[column].fillna("").astype(str)
    data[f"{column} words"] = texts.str.count(r"\S+")
    data[f"{column} length"] = texts.str.len()
    try:
        weights = TfidfVectorizer(sublinear_tf=True, min_df=3, max_features=30_000, token_pattern=r"[\w']+").fit_transform(texts)
    except ValueError:  # no word occurs three times
        continue
    size = min(24, weights.shape[1] - 1)
    if size >= 1:
        topics = TruncatedSVD(size, random_state=SEED).fit_transform(weights)
        data = pd.concat([data, pd.DataFrame(topics, columns=[f"{column} topic {i}" for i in range(size)])], axis=1)
