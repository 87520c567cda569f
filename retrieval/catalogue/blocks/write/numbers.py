# name: numbers
# needs: {task: regression, several: false}
answer = test[ID_COLUMNS].copy()
for column in PREDICTION_COLUMNS:
    answer[column] = decision
answer.to_csv("submission.csv", index=False)
