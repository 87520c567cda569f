# name: plain
# plan: I fit CatBoost with up to 700 symmetric trees, as the time allows; it turns categories, and pairs of them, into target statistics in an order that lets no row see its own label.
from catboost import CatBoostClassifier, CatBoostRegressor
from sklearn.base import BaseEstimator


class OrderedBoosting(BaseEstimator):
    """CatBoost on a table whose categories have the type 'category'."""

    def __init__(self, iterations=700, learning_rate=0.06, depth=6, l2_leaf_reg=3.0, random_state=SEED):
        self.iterations, self.learning_rate, self.depth = iterations, learning_rate, depth
        self.l2_leaf_reg, self.random_state = l2_leaf_reg, random_state

    def fit(self, X, y):
        X = self._with_texts(X)
        categories = [name for name in X if X[name].dtype == object]
        trees = self._affordable(X, len(categories))
        self.model = (CatBoostClassifier if LEARN_CLASSES else CatBoostRegressor)(
            iterations=trees,
            learning_rate=min(max(0.2, self.learning_rate), self.learning_rate * self.iterations / trees),
            depth=self.depth,
            l2_leaf_reg=self.l2_leaf_reg,
            random_seed=self.random_state,
            cat_features=categories,
            max_ctr_complexity=2,
            thread_count=THREADS,
            allow_writing_files=False,
            verbose=False,
        ).fit(X, y)
        self.classes_ = np.unique(y)
        return self

    def _affordable(self, X, categories):
        """How many trees SECONDS allow by the work of one; for more rows than a search has, as many as there."""
        outputs = len(CLASSES) if LEARN_CLASSES and len(CLASSES) > 2 else 1
        cost = min(len(X), 30_000) * outputs * 1e-7 * (0.5 * (X.shape[1] - categories) + 1.5 * categories)  # seconds, about
        return int(np.clip(SECONDS * THREADS / cost, min(250, self.iterations), self.iterations))

    def predict_proba(self, X):
        return self.model.predict_proba(self._with_texts(X))

    def predict(self, X):
        return self.model.predict(self._with_texts(X))

    def _with_texts(self, X):
        return X.assign(**{name: X[name].astype(str).astype(object) for name in X.select_dtypes("category")})


models["CatBoost"] = make_pipeline(select_table, OrderedBoosting(iterations=700, learning_rate=0.06, depth=6, l2_leaf_reg=3.0))
