# name: plain
# plan: I let the 25 nearest neighbours vote, weighted by their distance, on scaled numbers and one-hot categories.
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler

spread = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categorical),
)
neighbours = (KNeighborsClassifier if LEARN_CLASSES else KNeighborsRegressor)(n_neighbors=min(25, len(X)), weights="distance", n_jobs=THREADS)
models["neighbours"] = make_pipeline(spread, neighbours)
