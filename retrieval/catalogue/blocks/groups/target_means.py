# name: target means
# plan: I replace each category by the mean of the target among its rows, smoothed, and for training rows taken from other folds only, so that no row sees its own label.
from sklearn.preprocessing import TargetEncoder

kinds = [c for c in data.columns if 2 < data[c].nunique() < 0.5 * len(data) and c not in TEXT_COLUMNS and (data[c].dtype == object or pd.api.types.is_string_dtype(data[c]))]
if kinds:
    keys = data[kinds].astype(object).where(data[kinds].notna(), "missing").astype(str)
    kind = "multiclass" if len(CLASSES) > 2 else "binary" if CLASSES else "continuous"
    encoder = TargetEncoder(target_type=kind, cv=5, random_state=SEED, smooth=20.0)
    means = np.vstack([encoder.fit_transform(keys[: len(train)], y), encoder.transform(keys[len(train) :])])
    data = pd.concat([data, pd.DataFrame(means, columns=[f"target mean {i}" for i in range(means.shape[1])])], axis=1)
