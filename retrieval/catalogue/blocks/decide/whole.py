# name: whole numbers
# plan: I round the predicted values to whole numbers within the range of the training target, as the target only has such.
# needs: {task: regression, metric: [mae, rmse, r2], several: false}
decision = np.clip(prediction, y.min(), y.max())
if (y % 1 == 0).all():
    decision = np.rint(decision)
