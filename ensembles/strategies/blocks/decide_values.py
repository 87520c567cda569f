prediction = Z_test
