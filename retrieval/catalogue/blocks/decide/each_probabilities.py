# name: probabilities of each
# plan: I hand in the probability of the positive class for each target, kept off exactly 0 and 1.
# needs: {prediction: probability, several: true}
positive = CLASSES.index(POSITIVE_CLASS) if POSITIVE_CLASS in CLASSES else len(CLASSES) - 1
decision = [np.clip(values[:, positive], 1e-6, 1 - 1e-6) for values in predictions]
