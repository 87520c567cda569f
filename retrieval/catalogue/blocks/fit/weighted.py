# name: weighted
# plan: I weight the models by non-negative least squares on their inner out-of-fold predictions instead of taking the plain mean.
# needs: {models: 2}
from scipy.optimize import nnls
from sklearn.model_selection import KFold

inner = list(KFold(4, shuffle=True, random_state=SEED).split(X))
truth = np.eye(len(CLASSES))[y].ravel() if CLASSES else y
parts = []
for model in models.values():
    out = np.zeros((len(X), len(CLASSES)) if CLASSES else len(X))
    for kept, left_out in inner:
        out[left_out] = predict_one(model, X.iloc[kept], y[kept], X.iloc[left_out])
    parts.append(out.ravel())
weights, _ = nnls(np.column_stack(parts), truth)
weights = weights / weights.sum() if weights.sum() > 0 else np.full(len(models), 1 / len(models))


def fit_predict(X_fit, y_fit, X_new):
    return sum(w * predict_one(model, X_fit, y_fit, X_new) for w, model in zip(weights, models.values(), strict=True) if w > 0)


prediction = fit_predict(X, y, X_test)
