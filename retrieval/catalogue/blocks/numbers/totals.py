# name: totals
# plan: I add up the columns that hold amounts (many zeros, a long tail), count those that are not zero, and add their logarithms.
numbers = data.select_dtypes("number")
amounts = [c for c in numbers if numbers[c].min() == 0 and numbers[c].nunique() > 20 and (numbers[c] == 0).mean() > 0.2 and numbers[c].skew() > 2]
if len(amounts) > 1:
    data["total amount"] = data[amounts].sum(axis=1)
    data["amounts above zero"] = (data[amounts] > 0).sum(axis=1).astype(float)
    data["log of total"] = np.log1p(data["total amount"])
    data["no amount at all"] = (data["total amount"] == 0).astype(float)
if amounts:
    data = pd.concat([data, np.log1p(data[amounts]).add_suffix(" log")], axis=1)
