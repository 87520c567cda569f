# name: plain
# plan: I fit scikit-learn's histogram gradient boosting with 200 trees.
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

boosting = (HistGradientBoostingClassifier if LEARN_CLASSES else HistGradientBoostingRegressor)(
    max_iter=200,
    learning_rate=0.06,
    max_leaf_nodes=31,
    min_samples_leaf=20,
    l2_regularization=1.0,
    max_features=0.7,
    categorical_features="from_dtype",
    early_stopping=False,
    random_state=SEED,
)
models["histogram boosting"] = make_pipeline(select_table, boosting)
