# Back from logarithms; a negative value has no logarithm to be scored by.
prediction = np.expm1(Z_test).clip(min=0)
