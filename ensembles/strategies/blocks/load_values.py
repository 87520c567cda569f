# Ids are text; everything else is a number.
text = {column: str for column in ID_COLUMNS}
train = pd.read_csv(f"input/{TRAIN_FILE}", dtype=text, keep_default_na=False)
test = pd.read_csv(f"input/{TEST_FILE}", dtype=text, keep_default_na=False)


def member_predictions(table):
    """Values of shape (members, rows)."""
    return np.stack([table[member].to_numpy(float) for member in MEMBERS])


P_train, P_test = member_predictions(train), member_predictions(test)
y = train[TARGET].to_numpy(float)
