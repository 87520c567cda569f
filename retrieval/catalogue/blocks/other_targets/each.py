# name: each
# plan: I fit the same models to each of the other targets.
predictions = [prediction, *(fit_predict(X, answers[:, place], X_test) for place in range(1, len(TARGETS)))]
