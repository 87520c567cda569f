# name: each target
# needs: {several: true}
answer = test[ID_COLUMNS].copy()
for column, values in zip(PREDICTION_COLUMNS, decision):
    answer[column] = np.array(CLASSES, dtype=object)[values] if PREDICTION == "label" else values
answer.to_csv("submission.csv", index=False)
