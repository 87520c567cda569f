# name: labels
# needs: {prediction: label, several: false}
answer = test[ID_COLUMNS].copy()
for column in PREDICTION_COLUMNS:
    answer[column] = np.array(CLASSES, dtype=object)[decision]
answer.to_csv("submission.csv", index=False)
pd.concat([test[ID_COLUMNS], pd.DataFrame(prediction, columns=CLASSES)], axis=1).to_csv("probabilities.csv", index=False)
