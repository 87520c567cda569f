# name: plain
# plan: I fit a support vector machine with a Gaussian kernel on the pixels, all scaled by one factor so that their relations stay.
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC


class SoftPixelSVC(SVC):
    """A support vector classifier whose probabilities are the softmax of its margins, made as sharp as suits rows held out of a sample."""

    def fit(self, X, y, sample_weight=None):
        rows = np.random.default_rng(SEED).permutation(len(y))[:4000]
        held_out, rest = rows[: len(rows) // 4], rows[len(rows) // 4 :]
        held_out = held_out[np.isin(y[held_out], y[rest])]
        self.sharpness_ = 2.0
        if len(held_out) and len(np.unique(y[rest])) > 1:
            super().fit(X[rest], y[rest])
            self.sharpness_ = min((1.0, 2.0, 4.0, 8.0), key=lambda sharpness: self._log_loss(X[held_out], y[held_out], sharpness))
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        return self._soft(X, self.sharpness_)

    def _soft(self, X, sharpness):
        margins = self.decision_function(X)
        margins = sharpness * (margins if margins.ndim == 2 else np.column_stack([-margins / 2, margins / 2]))
        weights = np.exp(margins - margins.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    def _log_loss(self, X, y, sharpness):
        chosen = self._soft(X, sharpness)[np.arange(len(y)), np.searchsorted(self.classes_, y)]
        return -np.log(chosen.clip(1e-6)).mean()


pixel_scale = float(np.nanmax(np.abs(X[numeric].to_numpy()))) or 1.0
pixels_only = FunctionTransformer(lambda frame: np.nan_to_num(frame[numeric].to_numpy()) / pixel_scale)
pixel_kernel = SoftPixelSVC(C=10.0, cache_size=500) if LEARN_CLASSES else KernelRidge(kernel="rbf", alpha=0.1)
models["pixel kernel"] = make_pipeline(pixels_only, pixel_kernel)
