# name: grades
# needs: {metric: quadratic_weighted_kappa, several: false}
from sklearn.base import is_classifier


def predict_one(model, X_fit, y_fit, X_new):
    """Probabilities (rows × CLASSES) of a fresh copy of the model; a number becomes a bell over the grades around it."""
    probabilities = np.zeros((len(X_new), len(CLASSES)))
    if len(np.unique(y_fit)) == 1:
        probabilities[:, y_fit[0]] = 1.0
        return probabilities
    fitted = clone(model).fit(X_fit, y_fit)
    if LEARN_CLASSES or is_classifier(fitted):
        probabilities[:, fitted.classes_] = fitted.predict_proba(X_new)
        return probabilities
    distances = fitted.predict(X_new).clip(-1, len(CLASSES))[:, None] - np.arange(len(CLASSES))
    bells = np.exp(-2 * distances**2)  # half a grade wide
    return bells / bells.sum(axis=1, keepdims=True)
