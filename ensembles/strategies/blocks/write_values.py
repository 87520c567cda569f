submission = test[ID_COLUMNS].copy()
submission[PREDICTION_COLUMNS[0]] = prediction
submission.to_csv("submission.csv", index=False)
