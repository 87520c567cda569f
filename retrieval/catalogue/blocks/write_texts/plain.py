# name: plain
answer = test[ID_COLUMNS].copy()
for column in PREDICTION_COLUMNS:
    answer[column] = answers
answer.to_csv("submission.csv", index=False)
