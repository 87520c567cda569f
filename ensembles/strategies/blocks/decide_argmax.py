prediction = Z_test.argmax(axis=1)
