# name: ordinal cuts
# plan: I treat the classes as grades: the expected grade is cut at points that are chosen by inner cross-validation to make the quadratic weighted kappa largest.
# needs: {metric: quadratic_weighted_kappa, prediction: label, several: false}
from sklearn.model_selection import KFold

grades = np.array([float(label) for label in CLASSES])
inner = np.zeros(len(X))
for kept, left_out in KFold(3, shuffle=True, random_state=SEED).split(X):
    inner[left_out] = fit_predict(X.iloc[kept], y[kept], X.iloc[left_out]) @ grades


def kappa(cuts):
    """Quadratic weighted kappa of the inner predictions, cut at these points."""
    truth, guess = grades[y], grades[np.searchsorted(cuts, inner)]
    chance = truth.var() + guess.var() + (truth.mean() - guess.mean()) ** 2
    return 1 - np.mean((truth - guess) ** 2) / max(chance, 1e-12)


shares = np.cumsum(np.bincount(y, minlength=len(CLASSES)))[:-1] / len(y)
cuts = np.quantile(inner, shares)
for _ in range(3):
    for position in range(len(cuts)):
        low = cuts[position - 1] if position else inner.min()
        high = cuts[position + 1] if position + 1 < len(cuts) else inner.max()
        options = [np.r_[cuts[:position], cut, cuts[position + 1 :]] for cut in np.linspace(low, high, 25)]
        cuts = max([cuts, *options], key=kappa)
decision = np.searchsorted(cuts, prediction @ grades)
