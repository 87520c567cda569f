# name: parts
# plan: I take the dates apart: year, month, day, weekday and hour, and the days since the first one.
for column in DATE_COLUMNS:
    stamps = pd.to_datetime(pd.concat([train[column], test[column]], ignore_index=True), errors="coerce", format="mixed", utc=True)
    data = data.drop(columns=column, errors="ignore")
    days = (stamps - stamps.min()).dt.total_seconds() / 86400
    parts = {part: getattr(stamps.dt, part) for part in ["year", "month", "day", "dayofyear", "dayofweek", "hour", "minute"]}
    for part, values in {**parts, "days": days}.items():
        if values.nunique() > 1:
            data[f"{column} {part}"] = values
