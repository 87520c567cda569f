# name: plain
#> shared/read_table


train, test = read_table(TRAIN_FILE), read_table(TEST_FILE)
if LABELS_FILE:
    train = train.merge(read_table(LABELS_FILE), how="left")
train = train[train[TARGET].notna()].reset_index(drop=True)
y = train[TARGET].astype(str).to_numpy(dtype=object)
columns = [column for column in test.columns if column in train.columns and column not in [*ID_COLUMNS, TARGET]]
X, X_test = (table[columns].fillna("").astype(str) for table in (train, test))
lengths = {column: X[column].str.len().mean() for column in columns}
TEXT = SPAN_OF or max(lengths, key=lengths.get, default=None)  # what the answer is about
