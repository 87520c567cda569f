# Ids and labels are text; everything else is a member's probability.
text = {column: str for column in [*ID_COLUMNS, TARGET]}
train = pd.read_csv(f"input/{TRAIN_FILE}", dtype=text, keep_default_na=False)
test = pd.read_csv(f"input/{TEST_FILE}", dtype=text, keep_default_na=False)


def member_predictions(table):
    """Probabilities of shape (members, rows, classes); each row sums to one."""
    P = np.stack([table[[f"{member}__{label}" for label in CLASSES]].to_numpy(float) for member in MEMBERS])
    P = P.clip(1e-6, 1)
    return P / P.sum(axis=2, keepdims=True)


P_train, P_test = member_predictions(train), member_predictions(test)
y = train[TARGET].map({label: code for code, label in enumerate(CLASSES)}).to_numpy(int)
