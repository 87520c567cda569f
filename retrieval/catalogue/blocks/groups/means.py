# name: group means
# plan: I compare each number with the mean of its category (the four categories with the fewest kinds): an old passenger for this class, an expensive house for this district.
numbers = [c for c in data.select_dtypes("number").columns if data[c].nunique() > 10][:10]
kinds = sorted((c for c in data.columns if 1 < data[c].nunique() <= 50 and c not in numbers), key=lambda c: data[c].nunique())[-4:]
differences = {}
for kind in kinds:
    for number in numbers:
        differences[f"{number} against {kind}"] = data[number] - data.groupby(kind)[number].transform("mean")
if differences:
    data = pd.concat([data, pd.DataFrame(differences)], axis=1)
