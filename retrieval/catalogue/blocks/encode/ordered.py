# name: small integers as categories
# plan: I treat columns with few whole numbers as categories too: a code such as 1 to 4 need not be a quantity.
# needs: {shape: [table, text]}
for column in data.select_dtypes("number").columns:
    if 3 <= data[column].nunique() <= 12 and (data[column].dropna() % 1 == 0).all():
        data[column] = data[column].astype(object).map(str, na_action="ignore")
#> categories
