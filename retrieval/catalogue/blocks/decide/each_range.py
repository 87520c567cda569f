# name: range of each
# plan: I keep the predicted values of each target within the range that it has in training.
# needs: {task: regression, several: true}
decision = [np.clip(values, of.min(), of.max()) for values, of in zip(predictions, answers.T)]
