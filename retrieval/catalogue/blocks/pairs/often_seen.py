# name: likenesses and frequencies
# plan: I add to the likenesses of the texts how often each of them occurs, and how many partners they share: texts that are asked about often are often asked about for a reason.
#> likenesses
occurrences = pd.concat([data[column].fillna("").astype(str) for column in TEXT_PAIR if column in data]).value_counts()
for column in TEXT_PAIR:
    if column in data:
        data[f"rows with {column}"] = data[column].fillna("").astype(str).map(occurrences).astype(float)
