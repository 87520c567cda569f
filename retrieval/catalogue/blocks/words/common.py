# name: common words
# plan: I mark which of the common words a text holds ("Mr.", "Miss."), and count its words and how many rows share its last word, which is often a family name.
from sklearn.feature_extraction.text import CountVectorizer

for column in TEXT_COLUMNS:
    texts = data[column].fillna("").astype(str)
    if texts.nunique() < 2:
        continue
    words = CountVectorizer(token_pattern=r"[\w']+\.?", binary=True, min_df=0.005, max_features=60)
    try:
        marks = words.fit_transform(texts).toarray()
    except ValueError:  # no word is common enough
        marks = np.empty((len(data), 0))
    names = [f"{column} has {word}" for word in words.vocabulary_] if marks.shape[1] else []
    names = [name for _, name in sorted(zip(words.vocabulary_.values(), names, strict=True))] if names else []
    data = pd.concat([data, pd.DataFrame(marks.astype(float), columns=names)], axis=1)
    data[f"{column} words"] = texts.str.count(r"\S+")
    data[f"{column} length"] = texts.str.len()
    for position, name in [(0, "first"), (-1, "last")]:
        word = texts.str.split(r"[\s,]+", regex=True).str[position]
        data[f"rows with the {name} word of {column}"] = word.map(word.value_counts()).astype(float)
