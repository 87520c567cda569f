# name: categories
# plan: I keep the categories as such, put the rare ones together, and leave out columns that do not vary.
from sklearn.preprocessing import FunctionTransformer

RARE = 5
texts = [column for column in TEXT_COLUMNS if column in data]
data[texts] = data[texts].astype(object).fillna("").astype(str)
for column in data.columns.difference(texts):
    if not pd.api.types.is_numeric_dtype(data[column]):
        values = data[column].astype(object).where(data[column].notna(), "missing").astype(str)
        counts = values.map(values.value_counts())
        data[column] = values.where(counts >= RARE, "rare").astype("category")
    else:
        data[column] = data[column].astype(float).replace([np.inf, -np.inf], np.nan)
varying = [column for column in data.columns.difference(texts, sort=False) if data[column].nunique() > 1]
categorical = [column for column in varying if data[column].dtype == "category"]
numeric = [column for column in varying if column not in categorical]
if not varying:
    data["nothing"], numeric = 0.0, ["nothing"]


def table(frame):
    """The columns for models of tables: without the raw texts."""
    picked = frame[numeric + categorical]
    return picked.set_axis([re.sub(r"\W+", " ", f"{name} {place}") for place, name in enumerate(picked)], axis=1)  # LightGBM refuses marks


select_table = FunctionTransformer(table)
X, X_test = data[: len(train)], data[len(train) :]
