probabilities = pd.DataFrame(probability, columns=CLASSES)
pd.concat([test[ID_COLUMNS], probabilities], axis=1).to_csv("probabilities.csv", index=False)

if len(PREDICTION_COLUMNS) == 1:
    predicted = probabilities[[POSITIVE_CLASS]]
elif set(PREDICTION_COLUMNS) == set(CLASSES):
    predicted = probabilities[PREDICTION_COLUMNS]
else:  # the submission names the classes in its own way, in the classes' order
    predicted = probabilities
submission = pd.concat([test[ID_COLUMNS], predicted.set_axis(PREDICTION_COLUMNS, axis=1)], axis=1)
submission.to_csv("submission.csv", index=False)
