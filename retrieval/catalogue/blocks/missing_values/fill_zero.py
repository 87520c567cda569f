# name: fill amounts
# plan: I fill the gaps of columns that are mostly zero with zero, and those of other numbers with the median: a missing amount is most likely none.
for column in data.select_dtypes("number").columns:
    if data[column].isna().any():
        mostly_zero = (data[column] == 0).mean() > 0.4
        data[column] = data[column].fillna(0.0 if mostly_zero else data[column].median())
