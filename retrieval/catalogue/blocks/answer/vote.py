# name: vote
# title: with a vote
# plan: I let the models vote for the answer; of different ones that wins which shares most words with all.
def alike(first, second):
    """Shared words by all words."""
    one, other = set(first.lower().split()), set(second.lower().split())
    return len(one & other) / max(1, len(one | other))


votes = [model.fit(X, y).predict(X_test) for model in models.values()]
answers = [max(given, key=lambda answer: sum(alike(answer, other) for other in given)) for given in zip(*votes)]
