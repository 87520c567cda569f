# name: numbers only
# title: without categories
# plan: I leave the categorical columns out.
# light: yes
# needs: {kinds: [category, text, boolean]}
from sklearn.preprocessing import FunctionTransformer

texts = [column for column in TEXT_COLUMNS if column in data]
data[texts] = data[texts].astype(object).fillna("").astype(str)
numbers = data.select_dtypes("number").columns.difference(texts, sort=False)
data[numbers] = data[numbers].astype(float).replace([np.inf, -np.inf], np.nan)
numeric = [column for column in numbers if data[column].nunique() > 1]
categorical = []
if not numeric:
    data["nothing"], numeric = 0.0, ["nothing"]


def table(frame):
    """The columns for models of tables: the numbers."""
    picked = frame[numeric]
    return picked.set_axis([re.sub(r"\W+", " ", f"{name} {place}") for place, name in enumerate(picked)], axis=1)  # LightGBM refuses marks


select_table = FunctionTransformer(table)
X, X_test = data[: len(train)], data[len(train) :]
