# name: stacked ridge regression
# plan: Fit a ridge regression with non-negative coefficients on the members' predictions, so that it can also correct their scale and offset; an inner cross-validation chooses the penalty.
# fits: task = regression
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_predict

center, scale = P_train.mean(), max(P_train.std(), 1e-12)
X_train, X_test = (P_train.T - center) / scale, (P_test.T - center) / scale
splits = KFold(min(5, len(y)), shuffle=True, random_state=SEED)
tried = {alpha: cross_val_predict(Ridge(alpha, positive=True), X_train, y, cv=splits) for alpha in (0.1, 1.0, 10.0, 100.0)}
alpha = min(tried, key=lambda alpha: ((tried[alpha] - y) ** 2).mean())
model = Ridge(alpha, positive=True).fit(X_train, y)
print(f"penalty {alpha}; coefficients: " + ", ".join(f"{member} {value / scale:.2f}" for member, value in zip(MEMBERS, model.coef_)))
Z_train, Z_test = tried[alpha], model.predict(X_test)
