# name: ranking
# plan: I put the classes in the order of their probabilities.
# needs: {prediction: ranking, several: false}
decision = np.argsort(-prediction, axis=1, kind="stable")[:, :MOST_RANKED]
