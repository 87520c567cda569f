# name: probabilities
# needs: {prediction: probability, several: false}
answer = test[ID_COLUMNS].copy()
if len(PREDICTION_COLUMNS) == 1:
    positive = CLASSES.index(POSITIVE_CLASS) if POSITIVE_CLASS in CLASSES else len(CLASSES) - 1
    answer[PREDICTION_COLUMNS[0]] = decision[:, positive]
else:  # one column a class, named like it, or in the order of the classes
    for position, column in enumerate(PREDICTION_COLUMNS):
        answer[column] = decision[:, CLASSES.index(column) if column in CLASSES else position]
answer.to_csv("submission.csv", index=False)
pd.concat([test[ID_COLUMNS], pd.DataFrame(prediction, columns=CLASSES)], axis=1).to_csv("probabilities.csv", index=False)
