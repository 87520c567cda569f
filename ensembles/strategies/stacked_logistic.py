# name: stacked logistic regression
# plan: Fit a regularised logistic regression on the members' log-probabilities, so that it can weigh the members class by class and correct their confidence; the strength of the regularisation comes from an inner cross-validation on log loss.
# fits: task = binary | multiclass
import warnings

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def log_odds(P):
    """Each member's log-probabilities less their mean over the classes, side by side: (rows, members x classes)."""
    logs = np.log(P.clip(1e-4, 1))
    return np.hstack(list(logs - logs.mean(axis=2, keepdims=True)))


def fit_predict(rows, targets, C):
    """Probabilities of `targets` by a model fitted on the training rows `rows`; classes it has not seen get almost none."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=300)).fit(X_train[rows], y[rows])
    Z = np.full((len(targets), len(CLASSES)), 1e-6)
    Z[:, model[-1].classes_] = model.predict_proba(targets).clip(1e-6)
    return Z / Z.sum(axis=1, keepdims=True)


def out_of_fold(C):
    Z = np.empty((len(y), len(CLASSES)))
    for rows, held_out in splits:
        Z[held_out] = fit_predict(rows, X_train[held_out], C)
    return Z


X_train, X_test = log_odds(P_train), log_odds(P_test)
n_splits = min(5, max(np.bincount(y).max(), 2))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # a class with fewer rows than folds is no obstacle here
    splits = list(StratifiedKFold(n_splits, shuffle=True, random_state=SEED).split(X_train, y))
tried = {C: out_of_fold(C) for C in (0.01, 0.1, 1.0)}
C = min(tried, key=lambda C: -np.log(tried[C][np.arange(len(y)), y]).mean())
print(f"regularisation C: {C}")
Z_train, Z_test = tried[C], fit_predict(np.arange(len(y)), X_test, C)
