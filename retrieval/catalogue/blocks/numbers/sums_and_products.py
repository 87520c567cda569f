# name: sums and products
# plan: I add the totals of the amounts, and the sum, the difference and the product of each pair among the ten numbers that go best with the target, after scaling them.
#> totals

from itertools import combinations

from sklearn.feature_selection import f_classif, f_regression

numbers = data[[c for c in columns if c in data and pd.api.types.is_numeric_dtype(data[c])]]
numbers = numbers.loc[:, numbers.nunique() > 2].fillna(numbers.median())
if len(numbers.columns) > 1:
    relevance, _ = (f_classif if CLASSES else f_regression)(numbers[: len(train)], y)
    best = numbers.columns[np.argsort(-np.nan_to_num(relevance))[:10]]
    ranks = numbers[best].rank(pct=True) - 0.5
    pairs = {}
    for a, b in combinations(best, 2):
        pairs |= {f"{a} + {b}": ranks[a] + ranks[b], f"{a} - {b}": ranks[a] - ranks[b], f"{a} * {b}": ranks[a] * ranks[b]}
    data = pd.concat([data, pd.DataFrame(pairs)], axis=1)
