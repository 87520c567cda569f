# name: split and count
# plan: I split strings such as "B/0/P" or "0001_01" into their parts and count how many rows share the first part, and how many the whole string: rows of one group or family tend to share their fate.
#> split
    for name, key in [("first part", parts[0] if 0 in parts else None), ("string", strings[column] if len(parts.columns) else None)]:
        if key is not None and 1 < key.nunique() < key.notna().sum():
            data[f"rows with the {name} of {column}"] = key.map(key.value_counts()).astype(float)
