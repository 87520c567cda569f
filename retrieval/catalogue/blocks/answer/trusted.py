# name: most trusted
# plan: I try the models on a fifth of the training rows and take the answers of the one that shares most words with the truth, instead of a vote.
# needs: {models: 2}
def alike(first, second):
    """Shared words by all words."""
    one, other = set(first.lower().split()), set(second.lower().split())
    return len(one & other) / max(1, len(one | other))


order = np.random.default_rng(SEED).permutation(len(X))
left_out, kept = np.split(order, [max(1, len(X) // 5)])
trust = {
    name: sum(map(alike, model.fit(X.iloc[kept], y[kept]).predict(X.iloc[left_out]), y[left_out])) for name, model in models.items()
}
answers = models[max(trust, key=trust.get)].fit(X, y).predict(X_test)
