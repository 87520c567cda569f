# name: split
# plan: I split strings that hold several values, such as "B/0/P", "0001_01" or "C85", into their parts.
def split_compound(values):
    """The parts of a column's strings as a frame: by a separator that nearly all of them have, or letters before a number."""
    present = values.dropna().astype(str)
    if len(present) == 0 or present.str.contains(r"\w \w").mean() > 0.3:
        return pd.DataFrame()
    for separator in "/_|:;-":
        counts = present.str.count(re.escape(separator))
        if counts.median() >= 1 and (counts == counts.median()).mean() > 0.97:
            return values.astype("string").str.split(separator, expand=True)
    if present.str.contains(r"^[A-Za-z./ ]+\d+$").mean() > 0.2:
        return values.astype("string").str.extract(r"^(\D*?)[ .]*(\d+)$")
    return pd.DataFrame()


strings = pd.concat([data.select_dtypes(exclude="number").drop(columns=DATE_COLUMNS, errors="ignore"), ids.drop(columns=DATE_COLUMNS, errors="ignore")], axis=1)
for column in strings:
    parts = split_compound(strings[column])
    for position in parts:
        part = parts[position].replace("", pd.NA)
        number = pd.to_numeric(part, errors="coerce")
        is_number = len(part.dropna()) and number.notna().sum() > 0.9 * part.notna().sum()
        data[f"{column} part {position}"] = number.astype(float) if is_number else part.astype(object).where(part.notna(), None)
