# name: plain
# plan: I fit a support vector machine with a Gaussian kernel on the pixels, all scaled by one factor so that their relations stay.
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC


class SoftPixelSVC(SVC):
    """A support vector classifier whose probabilities are the softmax of its margins."""

    def predict_proba(self, X):
        margins = self.decision_function(X)
        margins = 2 * (margins if margins.ndim == 2 else np.column_stack([-margins / 2, margins / 2]))
        weights = np.exp(margins - margins.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)


pixel_scale = float(np.nanmax(np.abs(X[numeric].to_numpy()))) or 1.0
pixels_only = FunctionTransformer(lambda frame: np.nan_to_num(frame[numeric].to_numpy()) / pixel_scale)
pixel_kernel = SoftPixelSVC(C=10.0, cache_size=500) if LEARN_CLASSES else KernelRidge(kernel="rbf", alpha=0.1)
models["pixel kernel"] = make_pipeline(pixels_only, pixel_kernel)
