# name: classes
# needs: {task: [binary, multiclass, multilabel, tags]}
def predict_one(model, X_fit, y_fit, X_new):
    """Probabilities (rows × CLASSES) of a fresh copy of the model; a class that y_fit lacks gets 0."""
    fitted = clone(model).fit(X_fit, y_fit) if len(np.unique(y_fit)) > 1 else None
    probabilities = np.zeros((len(X_new), len(CLASSES)))
    if fitted is None:
        probabilities[:, y_fit[0]] = 1.0
    else:
        probabilities[:, fitted.classes_] = fitted.predict_proba(X_new)
    return probabilities
