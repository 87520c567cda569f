# name: rankings
# needs: {prediction: ranking, several: false}
answer = test[ID_COLUMNS].copy()
for column in PREDICTION_COLUMNS:
    answer[column] = [" ".join(row) for row in np.array(CLASSES, dtype=object)[decision]]
answer.to_csv("submission.csv", index=False)
