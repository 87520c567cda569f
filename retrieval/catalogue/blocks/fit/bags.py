# name: bags
# plan: I fit every model on eight folds of the training rows, each time without one eighth, and average: bagging smooths what single trees overdo.
from sklearn.model_selection import KFold


def fit_predict(X_fit, y_fit, X_new):
    bags = list(KFold(8, shuffle=True, random_state=SEED).split(X_fit))
    runs = [(model, kept) for model in models.values() for kept, _ in bags]
    return np.mean([predict_one(model, X_fit.iloc[kept], y_fit[kept], X_new) for model, kept in runs], axis=0)


prediction = fit_predict(X, y, X_test)
