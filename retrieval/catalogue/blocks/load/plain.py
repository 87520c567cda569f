# name: plain
# plan: I read both tables and stack the columns they share, so that every later step treats train and test alike.
def read_table(name):
    """Read a table by its ending; ids and labels stay text, exactly as they are written."""
    path = Path("input") / name
    kind = name.lower().removesuffix(".gz").removesuffix(".zip")
    as_text = [*ID_COLUMNS, *([TARGET] if CLASSES else [])]
    if kind.endswith((".parquet", ".json", ".jsonl", ".ndjson")):
        lines = not kind.endswith(".json")
        table = pd.read_parquet(path) if kind.endswith(".parquet") else pd.read_json(path, lines=lines, dtype=False, convert_dates=False)
        return table.map(lambda cell: str(cell) if isinstance(cell, (list, dict, np.ndarray)) else cell)
    header = " ".join(pd.read_csv(path, sep="\0", nrows=0, engine="python").columns)
    return pd.read_csv(path, sep=max(",\t;|", key=header.count), converters=dict.fromkeys(as_text, str), low_memory=False)


def class_of(label):
    """The label as it is written in CLASSES: 'True', '3'; a number may be written as 3 or 3.0, a truth value as True or true."""
    text = str(label).strip()
    spelled = [text, re.sub(r"\.0+$", "", text), text.lower()]
    return next((way for way in spelled if way in CLASSES), text)


def read_pictures(place, pattern, table):
    """Pixel columns for the rows of the table: grey in full, then how red and how blue in a coarser grid."""
    import zipfile

    from PIL import Image

    folder, column = Path("input") / place, re.search(r"\{(.+)\}", pattern)[1]
    archive = None if folder.is_dir() else zipfile.ZipFile(folder)
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")] if archive is None else archive.namelist()
    before, after = (re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("{" + column + "}"))
    matches = {match[1]: name for name in sorted(names, reverse=True) if (match := re.fullmatch(f"{before}(.+?){after}(?:(?<=/).+)?", name))}
    height, width = IMAGE_SHAPE
    rows = np.zeros((len(table), height * width + height * width // 8), dtype=np.float32)
    for row, key in enumerate(table[column].astype(str)):
        if key in matches:
            with (archive.open(matches[key]) if archive else open(folder / matches[key], "rb")) as file:
                colours = np.asarray(Image.open(file).convert("RGB").resize((width, height), Image.BILINEAR), dtype=np.float32)
            coarse = colours[: height // 4 * 4, : width // 4 * 4].reshape(height // 4, 4, width // 4, 4, 3).mean(axis=(1, 3))
            rows[row] = np.concatenate([colours.mean(axis=2).ravel(), (coarse[..., [0, 2]] - coarse[..., [1]]).ravel()])
    return pd.DataFrame(rows, columns=[f"pixel{number}" for number in range(rows.shape[1])])


train, test = read_table(TRAIN_FILE), read_table(TEST_FILE)
if LABELS_FILE:
    train = train.merge(read_table(LABELS_FILE), how="left")
if PICTURES:
    train, test = (pd.concat([table, read_pictures(*of, table)], axis=1) for table, of in zip((train, test), PICTURES))
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
