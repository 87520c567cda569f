# name: plain
# plan: I fit a random forest of 200 trees on ordinal codes, with gaps filled by the median.
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OrdinalEncoder

forest_codes = make_column_transformer(
    (SimpleImputer(strategy="median"), numeric),
    (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), categorical),
)
forest = (RandomForestClassifier if LEARN_CLASSES else RandomForestRegressor)(
    n_estimators=200,
    min_samples_leaf=3,
    max_features=0.3,
    max_samples=0.7,
    random_state=SEED,
    n_jobs=THREADS,
)
models["random forest"] = make_pipeline(forest_codes, forest)
