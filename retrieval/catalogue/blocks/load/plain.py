# name: plain
# plan: I read both tables and stack the columns they share, so that every later step treats train and test alike.
#> shared/read_table


def class_of(label):
    """The label as it is written in CLASSES: 'True', '3'; a number may be written as 3 or 3.0, a truth value as True or true."""
    text = str(label).strip()
    spelled = [text, re.sub(r"\.0+$", "", text), text.lower()]
    return next((way for way in spelled if way in CLASSES), text)


#> shared/members_of


def read_pictures(place, pattern, table):
    """Pixel columns for the rows of the table: grey in full, then how red and how blue in a coarser grid."""
    from PIL import Image

    opened, names = members_of(place, pattern)
    column = re.search(r"\{(.+)\}", pattern)[1]
    height, width = IMAGE_SHAPE
    rows = np.zeros((len(table), height * width + height * width // 8), dtype=np.float32)
    for row, key in enumerate(table[column].astype(str)):
        if key not in names:
            continue
        with opened(names[key]) as file:
            try:
                colours = np.asarray(Image.open(file).convert("RGB").resize((width, height), Image.BILINEAR), dtype=np.float32)
            except OSError:  # a broken picture stays black
                continue
        coarse = colours[: height // 4 * 4, : width // 4 * 4].reshape(height // 4, 4, width // 4, 4, 3).mean(axis=(1, 3))
        rows[row] = np.concatenate([colours.mean(axis=2).ravel(), (coarse[..., [0, 2]] - coarse[..., [1]]).ravel()])
    return pd.DataFrame(rows, columns=[f"pixel{number}" for number in range(rows.shape[1])])


train, test = read_table(TRAIN_FILE), read_table(TEST_FILE)
if LABELS_FILE:
    train = train.merge(read_table(LABELS_FILE), how="left")
if PICTURES:
    train, test = (pd.concat([table, read_pictures(*of, table)], axis=1) for table, of in zip((train, test), PICTURES))
if TASK == "tags":  # a row for each of its labels
    train[TARGET] = train[TARGET].map(str.split)
    train = train.explode(TARGET, ignore_index=True)
if CLASSES:
    answers = np.column_stack([pd.Categorical(train[name].map(class_of), categories=CLASSES).codes.astype(int) for name in TARGETS])
    known = (answers >= 0).all(axis=1)
else:
    answers = np.column_stack([pd.to_numeric(train[name], errors="coerce").to_numpy(dtype=float) for name in TARGETS])
    known = np.isfinite(answers).all(axis=1)
train, answers = train[known].reset_index(drop=True), answers[known]
y = answers[:, 0]
columns = [column for column in train.columns if column in test.columns and column not in [*ID_COLUMNS, *TARGETS]]
data = pd.concat([train[columns], test[columns]], ignore_index=True)
ids = pd.concat([train[ID_COLUMNS], test[ID_COLUMNS]], ignore_index=True).astype(str)
