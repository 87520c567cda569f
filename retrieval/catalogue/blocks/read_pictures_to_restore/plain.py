# name: plain
#> shared/members_of


def grey(place, pattern, keys=None):
    """key -> picture in grey, in units of the submission; the keys that are numbers in their order."""
    from PIL import Image

    opened, names = members_of(place, pattern)
    found = {}
    for key in sorted(names, key=lambda key: (len(key), key) if key.isdecimal() else (10**6, key)):
        if keys is None or key in keys:
            with opened(names[key]) as file:
                found[key] = np.asarray(Image.open(file).convert("L"), dtype=np.float32) / SCALE
    return found


targets = grey(*LABEL_PICTURES)
given, test = grey(*TRAIN_PICTURES, set(targets)), grey(*TEST_PICTURES)
y = [targets[key] for key in given]
X, X_test = list(given.values()), list(test.values())
