# name: values
# needs: {task: regression}
def predict_one(model, X_fit, y_fit, X_new):
    """Predicted values (rows) of a fresh copy of the model, back on the target's own scale."""
    return from_scale(np.asarray(clone(model).fit(X_fit, to_scale(y_fit)).predict(X_new), dtype=float).ravel())
