# name: marks
# plan: I mark where a value is missing and count the missing values of each row: that something was not recorded may itself tell something.
gaps = data.isna()
gaps = gaps.loc[:, gaps.any()]
if len(gaps.columns):
    data = pd.concat([data, gaps.astype(float).add_suffix(" missing")], axis=1)
    data["missing values"] = gaps.sum(axis=1).astype(float)
