from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier


def linear_of_words(C):
    """A linear model on weights of words."""
    if LEARN_CLASSES:
        return OneVsRestClassifier(LogisticRegression(C=C, solver="liblinear", dual=True, tol=0.05, random_state=SEED))
    return Ridge(alpha=1.0)


def say(linears, weights, classes):
    """What linear models say on average: rows × classes, or rows × 1 where they learned numbers."""
    if not LEARN_CLASSES:
        return np.mean([linear.predict(weights) for linear in linears], axis=0)[:, None]
    said = np.zeros((weights.shape[0], len(classes)))
    for linear in linears:
        said[:, np.searchsorted(classes, linear.classes_)] += linear.predict_proba(weights) / len(linears)
    return said


def said_by_others(weights, y, classes, C):
    """(what a linear model says of each row that has not seen it, the three models)."""
    said, linears = np.zeros((len(y), len(classes) if LEARN_CLASSES else 1)), []
    for kept, left_out in KFold(3, shuffle=True, random_state=SEED).split(weights):
        linears.append(linear_of_words(C).fit(weights[kept], y[kept]))
        said[left_out] = say(linears[-1:], weights[left_out], classes)
    return said, linears
