# name: plain
# plan: I fit a support vector machine with a Gaussian kernel on scaled numbers and one-hot categories.
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR

kernel_input = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categorical),
)


class SoftSVC(SVC):
    """A support vector classifier whose probabilities are the softmax of its margins."""

    def predict_proba(self, X):
        margins = self.decision_function(X)
        margins = 2 * (margins if margins.ndim == 2 else np.column_stack([-margins / 2, margins / 2]))
        weights = np.exp(margins - margins.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)


class ScaledSVR(SVR):
    """A support vector regression on the standardised target."""

    def fit(self, X, y):
        self.centre_, self.width_ = np.mean(y), np.std(y) or 1.0
        return super().fit(X, (y - self.centre_) / self.width_)

    def predict(self, X):
        return super().predict(X) * self.width_ + self.centre_


kernel = SoftSVC(C=1.0, cache_size=500) if LEARN_CLASSES else ScaledSVR(C=1.0, cache_size=500)
models["kernel"] = make_pipeline(kernel_input, kernel)
