# name: optimised weights
# plan: Blend the probabilities with weights that sum to one and minimise the log loss of the out-of-fold rows; the problem is convex, so SLSQP finds the one optimum.
# fits: task = binary | multiclass
from scipy.optimize import minimize

p_true = P_train[:, np.arange(len(y)), y]


def log_loss_of(weights):
    """Log loss of the blend and its gradient."""
    blend = weights @ p_true
    return -np.log(blend).mean(), -(p_true / blend).mean(axis=1)


equal = np.full(len(MEMBERS), 1 / len(MEMBERS))
simplex = {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like}
found = minimize(log_loss_of, equal, jac=True, method="SLSQP", bounds=[(0, 1)] * len(MEMBERS), constraints=[simplex])
weights = found.x.clip(min=0) / found.x.clip(min=0).sum()
print("weights: " + ", ".join(f"{member} {weight:.2f}" for member, weight in zip(MEMBERS, weights)))
pd.Series(weights, MEMBERS).round(4).to_json("weights.json")
Z_train, Z_test = np.tensordot(weights, P_train, 1), np.tensordot(weights, P_test, 1)
