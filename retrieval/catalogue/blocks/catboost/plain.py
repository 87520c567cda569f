# name: plain
# plan: I fit CatBoost with 700 symmetric trees; it turns categories, and pairs of them, into target statistics in an order that lets no row see its own label.
from catboost import CatBoostClassifier, CatBoostRegressor
from sklearn.base import BaseEstimator


class OrderedBoosting(BaseEstimator):
    """CatBoost on a table whose categories have the type 'category'."""

    def __init__(self, iterations=700, learning_rate=0.06, depth=6, l2_leaf_reg=3.0, random_state=SEED):
        self.iterations, self.learning_rate, self.depth = iterations, learning_rate, depth
        self.l2_leaf_reg, self.random_state = l2_leaf_reg, random_state

    def fit(self, X, y):
        X = self._with_texts(X)
        self.model = (CatBoostClassifier if LEARN_CLASSES else CatBoostRegressor)(
            iterations=self.iterations,
            learning_rate=self.learning_rate,
            depth=self.depth,
            l2_leaf_reg=self.l2_leaf_reg,
            random_seed=self.random_state,
            cat_features=[name for name in X if X[name].dtype == object],
            thread_count=THREADS,
            allow_writing_files=False,
            verbose=False,
        ).fit(X, y)
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return self.model.predict_proba(self._with_texts(X))

    def predict(self, X):
        return self.model.predict(self._with_texts(X))

    def _with_texts(self, X):
        return X.assign(**{name: X[name].astype(str).astype(object) for name in X.select_dtypes("category")})


models["CatBoost"] = make_pipeline(select_table, OrderedBoosting(iterations=700, learning_rate=0.06, depth=6, l2_leaf_reg=3.0))
