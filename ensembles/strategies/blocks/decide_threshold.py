# The cut between the two classes is fitted on the training rows: the median of the best cuts of many bootstrap samples, because the
# best cut of one sample is a noisy thing.
SAMPLES, GRID = 100, np.linspace(0.02, 0.98, 193)
positive_code = CLASSES.index(POSITIVE_CLASS or CLASSES[-1])


def scores_by_cut(positives, negatives):
    """The metric at every cut of the grid, given how many rows of each class lie in each interval: (samples, cuts)."""
    tp, fp = (counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] for counts in (positives, negatives))
    fn, tn = positives.sum(axis=1, keepdims=True) - tp, negatives.sum(axis=1, keepdims=True) - fp
    f1, f1_negative = 2 * tp / np.maximum(2 * tp + fp + fn, 1), 2 * tn / np.maximum(2 * tn + fp + fn, 1)
    root = np.sqrt(np.maximum(tp + fp, 1) * np.maximum(tp + fn, 1.0) * np.maximum(tn + fp, 1) * np.maximum(tn + fn, 1))
    return {
        "accuracy": (tp + tn) / len(y),
        "f1": f1,
        "f1_macro": (f1 + f1_negative) / 2,
        "balanced_accuracy": (tp / np.maximum(tp + fn, 1) + tn / np.maximum(tn + fp, 1)) / 2,
        "mcc": (tp * tn - fp * fn) / root,
    }[METRIC]


rng = np.random.default_rng(SEED)
interval = np.searchsorted(GRID, Z_train[:, positive_code], side="right")
cells = np.bincount(interval + (y == positive_code) * (len(GRID) + 1), minlength=2 * (len(GRID) + 1))
samples = rng.multinomial(len(y), cells / len(y), size=SAMPLES)
scores = scores_by_cut(samples[:, len(GRID) + 1 :], samples[:, : len(GRID) + 1])
# Among cuts that are equally good the one nearest to 0.5.
cut = np.median([GRID[best][np.abs(GRID[best] - 0.5).argmin()] for best in scores == scores.max(axis=1, keepdims=True)])
print(f"cut: {CLASSES[positive_code]!r} from a probability of {cut:.3f}")
prediction = np.where(Z_test[:, positive_code] >= cut, positive_code, 1 - positive_code)
