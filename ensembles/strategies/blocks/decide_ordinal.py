# The classes are ordered numbers and the metric punishes by squared distance: reduce each row to its expected value and cut that into
# classes. The cuts start where the training labels' shares put them and are moved one after the other as long as kappa rises.
SAMPLES, BINS = 20, 400
order = np.argsort([float(label) for label in CLASSES])
values = np.array([float(CLASSES[code]) for code in order])
expected_train, expected_test = Z_train[:, order] @ values, Z_test[:, order] @ values
edges = np.unique(np.quantile(expected_train, np.linspace(0, 1, BINS + 1)[1:-1]))
rank = np.argsort(order)[y]


def kappa(counts, cuts):
    """Quadratic weighted kappa of cutting at these bins; `counts`: rows by true class and bin."""
    below = np.hstack([np.zeros((len(values), 1)), counts.cumsum(axis=1)])
    observed = np.diff(below[:, [0, *cuts, counts.shape[1]]], axis=1)
    distance = np.subtract.outer(values, values) ** 2
    by_chance = np.outer(observed.sum(axis=1), observed.sum(axis=0)) / observed.sum()
    return 1 - (distance * observed).sum() / max((distance * by_chance).sum(), 1e-12)


def fit_cuts(counts):
    """Bin numbers at which one class ends and the next begins."""
    shares = counts.sum(axis=1).cumsum()[:-1]
    cuts = list(np.searchsorted(counts.sum(axis=0).cumsum(), shares, side="right").clip(0, counts.shape[1]))
    best = kappa(counts, cuts)
    for step in (40, 15, 5, 2, 1) * 3:
        for place in range(len(cuts)):
            for moved in (cuts[place] - step, cuts[place] + step):
                trial = [*cuts[:place], moved, *cuts[place + 1 :]]
                if min(trial) >= 0 and max(trial) <= counts.shape[1] and sorted(trial) == trial and kappa(counts, trial) > best:
                    cuts, best = trial, kappa(counts, trial)
    return cuts


rng = np.random.default_rng(SEED)
width = len(edges) + 1
cells = np.bincount(rank * width + np.searchsorted(edges, expected_train, side="right"), minlength=len(values) * width)
samples = rng.multinomial(len(y), cells / len(y), size=SAMPLES).reshape(SAMPLES, len(values), width)
cuts = np.mean([fit_cuts(sample) for sample in samples], axis=0).round().astype(int)
# A cut at bin b lies at the lower edge of that bin; below the first and above the last bin no row is cut off.
limits = np.concatenate([[-np.inf], edges, [np.inf]])[cuts]
print("cuts of the expected value: " + ", ".join(f"{limit:.3f}" for limit in limits))
prediction = order[np.searchsorted(limits, expected_test, side="right")]
