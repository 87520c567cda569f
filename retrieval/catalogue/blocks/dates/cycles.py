# name: cycles
# plan: I add the hour, the weekday and the day of the year as sine and cosine to the parts of the date, so that the end of a cycle lies beside its beginning.
#> parts
    for part, period in {"dayofyear": 365.25, "dayofweek": 7, "hour": 24}.items():
        if parts[part].nunique() > 1:
            data[f"{column} {part} sine"] = np.sin(2 * np.pi * parts[part] / period)
            data[f"{column} {part} cosine"] = np.cos(2 * np.pi * parts[part] / period)
