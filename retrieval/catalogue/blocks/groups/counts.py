# name: counts
# plan: I add how often each category occurs, in train and test together: rare kinds behave differently from common ones.
for column in data.select_dtypes(exclude="number").columns:
    counts = data[column].map(data[column].value_counts())
    if counts.nunique() > 1:
        data[f"{column} count"] = counts.astype(float)
