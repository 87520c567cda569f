# name: ratios
# plan: I add the totals of the amounts and the ratios of the positive columns with long tails to each other: rooms per household say more than either count.
#> totals

numbers = data[[c for c in columns if c in data and pd.api.types.is_numeric_dtype(data[c])]]
positive = [c for c in numbers if numbers[c].min() >= 0 and numbers[c].nunique() > 30 and numbers[c].skew() > 1][:8]
ratios = {f"{a} per {b}": data[a] / data[b].where(data[b] > 0) for i, a in enumerate(positive) for b in positive[i + 1 :]}
if ratios:
    data = pd.concat([data, pd.DataFrame(ratios)], axis=1)
