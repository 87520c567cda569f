# name: average
# title: with a single fit
# plan: I fit every model once on all training rows and average the predictions.
# light: yes
def fit_predict(X_fit, y_fit, X_new):
    return np.mean([predict_one(model, X_fit, y_fit, X_new) for model in models.values()], axis=0)


prediction = fit_predict(X, y, X_test)
