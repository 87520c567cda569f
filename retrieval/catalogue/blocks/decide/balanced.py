# name: balanced classes
# plan: I divide the probabilities by the classes' shares before choosing, which favours the rare classes.
# needs: {metric: [balanced_accuracy, f1_macro, mcc], prediction: label, several: false}
shares = np.bincount(y, minlength=len(CLASSES)) / len(y)
decision = (prediction / np.maximum(shares, 1e-6) ** 0.7).argmax(axis=1)
