# The metric compares logarithms, so the members are blended there; `decide` goes back.
P_train, P_test = np.log1p(P_train.clip(min=0)), np.log1p(P_test.clip(min=0))
y = np.log1p(y)
