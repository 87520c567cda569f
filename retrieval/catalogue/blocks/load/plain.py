# name: plain
# plan: I read both tables and stack the columns they share, so that every later step treats train and test alike.
def read_table(name):
    """Read a table by its ending; ids and labels stay text, exactly as they are written."""
    path = Path("input") / name
    kind = name.lower().removesuffix(".gz").removesuffix(".zip")
    as_text = [*ID_COLUMNS, *([TARGET] if CLASSES else [])]
    if kind.endswith(".parquet"):
        return pd.read_parquet(path)
    if kind.endswith((".json", ".jsonl", ".ndjson")):
        return pd.read_json(path, lines=not kind.endswith(".json"), dtype=False, convert_dates=False)
    header = " ".join(pd.read_csv(path, sep="\0", nrows=0, engine="python").columns)
    return pd.read_csv(path, sep=max(",\t;|", key=header.count), converters=dict.fromkeys(as_text, str), low_memory=False)


def class_of(label):
    """The label as it is written in CLASSES: 'True', '3'; a number may be written as 3 or 3.0."""
    text = str(label).strip()
    return text if text in CLASSES else re.sub(r"\.0+$", "", text)


train, test = read_table(TRAIN_FILE), read_table(TEST_FILE)
if CLASSES:
    y = pd.Categorical(train[TARGET].map(class_of), categories=CLASSES).codes.astype(int)
    known = y >= 0
else:
    y = pd.to_numeric(train[TARGET], errors="coerce").to_numpy(dtype=float)
    known = np.isfinite(y)
train, y = train[known].reset_index(drop=True), y[known]
columns = [column for column in train.columns if column in test.columns and column not in [*ID_COLUMNS, TARGET]]
data = pd.concat([train[columns], test[columns]], ignore_index=True)
ids = pd.concat([train[ID_COLUMNS], test[ID_COLUMNS]], ignore_index=True).astype(str)
