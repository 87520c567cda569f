# name: plain
def cell_of(mask):
    """'start length start length …', pixels counted from 1."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return " ".join(f"{start + 1} {end - start}" for start, end in zip(edges[::2], edges[1::2]))


answer = test[ID_COLUMNS].copy()
for column in PREDICTION_COLUMNS:
    answer[column] = [cell_of(mask) for mask in marked]
answer.to_csv("submission.csv", index=False)
