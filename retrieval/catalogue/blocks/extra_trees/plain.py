# name: plain
# plan: I fit 300 extremely randomised trees on ordinal codes, with gaps filled below the smallest value.
from sklearn.compose import make_column_transformer
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OrdinalEncoder

codes = make_column_transformer(
    (SimpleImputer(strategy="median"), numeric),
    (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), categorical),
)
trees = (ExtraTreesClassifier if LEARN_CLASSES else ExtraTreesRegressor)(
    n_estimators=300,
    min_samples_leaf=2,
    max_features=0.5,
    random_state=SEED,
    n_jobs=THREADS,
)
models["extra trees"] = make_pipeline(codes, trees)
