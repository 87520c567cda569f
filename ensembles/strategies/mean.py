# name: mean
# plan: Average the members with equal weights: nothing is fitted, so nothing can be overfitted.
Z_train, Z_test = P_train.mean(axis=0), P_test.mean(axis=0)
