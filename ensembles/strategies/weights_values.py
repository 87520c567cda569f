# name: least-squares weights
# plan: Blend the values with weights that sum to one and minimise the squared error of the out-of-fold rows, in units of the target's spread; SLSQP on the simplex.
# fits: task = regression
from scipy.optimize import minimize

# The members' errors rather than their values: the blend's error is the blend of the errors, because the weights sum to one.
errors = (P_train - y) / max(y.std(), 1e-12)
products = errors @ errors.T / len(y)


def squared_error_of(weights):
    """Mean squared error of the blend and its gradient."""
    return weights @ products @ weights, 2 * products @ weights


equal = np.full(len(MEMBERS), 1 / len(MEMBERS))
simplex = {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like}
found = minimize(
    squared_error_of, equal, jac=True, method="SLSQP", bounds=[(0, 1)] * len(MEMBERS), constraints=[simplex], options={"ftol": 1e-12}
)
weights = found.x.clip(min=0) / found.x.clip(min=0).sum()
print("weights: " + ", ".join(f"{member} {weight:.2f}" for member, weight in zip(MEMBERS, weights)))
pd.Series(weights, MEMBERS).round(4).to_json("weights.json")
Z_train, Z_test = weights @ P_train, weights @ P_test
