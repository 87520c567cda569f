# name: greedy selection
# plan: Start with the best member and keep adding, with replacement, the member whose addition lowers the loss most (Caruana et al. 2004); a member's weight is how often it was picked. Do this on several random halves of the rows and average the weights, so that no lucky rows decide.
# uses: loss
BAGS, PICKS, ROWS = 10, 20, 5000


def pick(P, y):
    """How often each member is picked, as shares; the prefix of the picks with the lowest loss counts."""
    total, picks, losses = np.zeros(P.shape[1:]), [], []
    for size in range(1, PICKS + 1):
        candidates = [loss((total + member) / size, y) for member in P]
        picks.append(int(np.argmin(candidates)))
        losses.append(min(candidates))
        total += P[picks[-1]]
    best = picks[: int(np.argmin(losses)) + 1]
    return np.bincount(best, minlength=len(P)) / len(best)


rng = np.random.default_rng(SEED)
size = min(max(len(y) // 2, 1), ROWS)
bags = [rng.choice(len(y), size, replace=False) for _ in range(BAGS)]
weights = np.mean([pick(P_train[:, bag], y[bag]) for bag in bags], axis=0)
print("weights: " + ", ".join(f"{member} {weight:.2f}" for member, weight in zip(MEMBERS, weights)))
pd.Series(weights, MEMBERS).round(4).to_json("weights.json")
Z_train, Z_test = np.tensordot(weights, P_train, 1), np.tensordot(weights, P_test, 1)
