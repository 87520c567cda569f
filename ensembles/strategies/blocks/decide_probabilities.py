probability = Z_test.clip(1e-6, 1 - 1e-6)
probability = probability / probability.sum(axis=1, keepdims=True)
