# name: plain
# plan: I weight the words by their naive Bayes log-count ratios and fit a linear model on them (NB-SVM, Wang and Manning 2012), one class against the rest.
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression


class BayesWeighted(ClassifierMixin, BaseEstimator):
    """One logistic regression a class, on features scaled by the class's log-count ratios."""

    def __init__(self, C=1.0, smoothing=1.0):
        self.C, self.smoothing = C, smoothing

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.parts_ = []
        for label in self.classes_:
            inside, outside = (np.asarray(X[y == label].sum(0)), np.asarray(X[y != label].sum(0)))
            inside, outside = inside + self.smoothing, outside + self.smoothing
            ratio = sparse.diags(np.log((inside / inside.sum()) / (outside / outside.sum())).ravel())
            part = LogisticRegression(C=self.C, solver="liblinear", max_iter=50, tol=0.01)
            self.parts_.append((ratio, part.fit(X @ ratio, y == label)))
        return self

    def predict_proba(self, X):
        scores = np.column_stack([part.predict_proba(X @ ratio)[:, 1] for ratio, part in self.parts_])
        return scores / scores.sum(axis=1, keepdims=True)


counts = make_column_transformer(
    *[(CountVectorizer(binary=True, ngram_range=(1, 2), token_pattern=r"[\w']+|[!?]", max_features=200_000), c) for c in texts]
)
models["naive Bayes words"] = make_pipeline(counts, BayesWeighted(C=0.3))
