# name: strip
# plan: I strip the text values, read "?", "NA" and the like as missing, and turn yes/no columns and numbers written as text into numbers.
UNKNOWN = ["", "?", "-", "NA", "N/A", "n/a", "nan", "NaN", "None", "none", "NULL", "null"]
YES_NO = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "t": 1.0, "f": 0.0, "y": 1.0, "n": 0.0}

for column in data.select_dtypes(exclude="number").columns:
    values = data[column].astype(object).where(data[column].notna(), None)
    values = values.map(lambda value: str(value).strip(), na_action="ignore")
    values = values.mask(values.isin(UNKNOWN), None)
    present = values.dropna()
    if len(present) and present.str.lower().isin(YES_NO).all():
        values = values.str.lower().map(YES_NO).astype(float)
    elif len(present) and pd.to_numeric(present, errors="coerce").notna().all():
        values = pd.to_numeric(values)
    data[column] = values
