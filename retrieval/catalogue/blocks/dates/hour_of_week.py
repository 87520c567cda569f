# name: hour of week
# plan: I add the hour of the week, a separate clock for the weekend and the month counted from the start to the parts of the date: habits differ between working days and weekends, and demand may grow from month to month.
#> parts
    data[f"{column} hour of week"] = parts["dayofweek"] * 24 + parts["hour"]
    data[f"{column} weekend hour"] = parts["hour"] + 24 * (parts["dayofweek"] >= 5)
    data[f"{column} month count"] = (parts["year"] - parts["year"].min()) * 12 + parts["month"]
