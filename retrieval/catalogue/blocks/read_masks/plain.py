# name: plain
#> shared/read_table


#> shared/members_of


def runs_of(cell):
    """[(first pixel, pixel after the last)] of a cell, pixels counted from 0."""
    numbers = [] if str(cell).strip() in ("", "-1", "nan", "None") else [int(part) for part in str(cell).split()]
    return [(start - 1, start - 1 + length) for start, length in zip(numbers[::2], numbers[1::2])]


def dense(runs, size):
    flat = np.zeros(size, dtype=np.uint8)
    for start, end in runs:
        flat[start:end] = 1
    return flat


def picture_of(side, key):
    """The row's picture in grey, 0..1; none where it has none that can be read."""
    from PIL import Image

    opened, names = sides[side]
    try:
        with opened(names[key]) as file:
            return np.asarray(Image.open(file).convert("L"), dtype=np.float32) / 255
    except (OSError, KeyError):
        return None


train, test = read_table(TRAIN_FILE), read_table(TEST_FILE)
if LABELS_FILE:
    train = train.merge(read_table(LABELS_FILE), how="left")
train = train.reset_index(drop=True)
y = [runs_of(cell) for cell in train[TARGET]]
sides = [members_of(*of) for of in PICTURES]
key_columns = [re.search(r"\{(.+)\}", pattern)[1] for _, pattern in PICTURES]
keys = [table[column].astype(str).tolist() for table, column in zip((train, test), key_columns)]
AREA = max([end for runs in y for _, end in runs], default=1)  # pixels, where there are no pictures to tell
first = next((one for one in (picture_of(0, key) for key in keys[0][:20]) if one is not None), None) if PICTURES else None
if first is not None:
    AREA = max(AREA, first.size)
