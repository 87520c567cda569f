# name: range
# plan: I keep the predicted values within the range of the training target.
# needs: {task: regression, several: false}
decision = np.clip(prediction, y.min(), y.max())
