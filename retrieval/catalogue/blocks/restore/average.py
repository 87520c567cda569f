# name: average
# title: with a single fit
# plan: I average the models' pictures and keep the values within what the training pictures have.
restored = [model.fit(X, y).predict(X_test) for model in models.values()]
lowest, highest = min(truth.min() for truth in y), max(truth.max() for truth in y)
restored = [np.clip(np.mean(of_one, axis=0), lowest, highest) for of_one in zip(*restored)]
