submission = test[ID_COLUMNS].copy()
submission[PREDICTION_COLUMNS[0]] = np.array(CLASSES, dtype=object)[prediction]
submission.to_csv("submission.csv", index=False)

probabilities = pd.DataFrame(Z_test / Z_test.sum(axis=1, keepdims=True), columns=CLASSES)
pd.concat([test[ID_COLUMNS], probabilities], axis=1).to_csv("probabilities.csv", index=False)
