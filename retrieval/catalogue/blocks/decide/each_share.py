# name: share of each
# plan: I call as many rows positive, for each target, as the training rows are, where scores such as F1 suffer from a class that is never named.
# needs: {prediction: label, task: multilabel, several: true}
positive = CLASSES.index(POSITIVE_CLASS) if POSITIVE_CLASS in CLASSES else len(CLASSES) - 1
decision = []
for values, of in zip(predictions, answers.T):
    cut = np.quantile(values[:, positive], 1 - (of == positive).mean())
    decision.append(np.where(values[:, positive] >= cut, positive, 1 - positive))
