# name: plain
ids, values = [], []
for key, picture in zip(test, restored):
    height, width = picture.shape
    names = ID_PATTERN.replace("{image}", key)
    ids += [
        names.replace("{row}", str(FIRST_PIXEL + row)).replace("{column}", str(FIRST_PIXEL + column)) for row in range(height) for column in range(width)
    ]
    values.append(picture.ravel())
pd.DataFrame({ID_COLUMNS[0]: ids, PREDICTION_COLUMNS[0]: np.concatenate(values)}).to_csv("submission.csv", index=False)
