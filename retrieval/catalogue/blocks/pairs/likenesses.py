# name: likenesses
# plan: I compare the texts of a row with each other: shared words, shared letter sequences (cosine of TF-IDF weights), shared numbers, lengths, the same beginning and end.
from itertools import combinations

from sklearn.feature_extraction.text import TfidfVectorizer


def likenesses(first, second):
    """How alike two columns of texts are, row by row."""
    one, other = (values.fillna("").astype(str).str.lower() for values in (first, second))
    words = [(set(re.findall(r"\w+", a)), set(re.findall(r"\w+", b))) for a, b in zip(one, other)]
    shared = np.array([len(a & b) for a, b in words], dtype=float)
    features = {
        "shared words": shared,
        "share of words": [len(a & b) / max(1, len(a | b)) for a, b in words],
        "share of the shorter": [len(a & b) / max(1, min(len(a), len(b))) for a, b in words],
        "shared numbers": [len({w for w in a & b if w.isdigit()}) - len({w for w in a ^ b if w.isdigit()}) for a, b in words],
        "same beginning": [a.split()[:1] == b.split()[:1] for a, b in zip(one, other)],
        "same end": [a.split()[-1:] == b.split()[-1:] for a, b in zip(one, other)],
        "one in the other": [a in b or b in a for a, b in zip(one, other)],
        "difference in length": (one.str.len() - other.str.len()).abs(),
        "longer by": one.str.len() - other.str.len(),
        "length of both": one.str.len() + other.str.len(),
    }
    for name, options in (("words", {}), ("letters", {"analyzer": "char_wb", "ngram_range": (2, 4), "max_features": 100_000})):
        try:
            weights = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **options).fit(pd.concat([one, other]))
        except ValueError:  # no words at all
            continue
        features[f"cosine of {name}"] = np.asarray(weights.transform(one).multiply(weights.transform(other)).sum(axis=1)).ravel()
    return pd.DataFrame(features, index=first.index).astype(float)


compared = {f"{a} and {b}": likenesses(data[a], data[b]) for a, b in list(combinations([c for c in TEXT_PAIR if c in data], 2))[:3]}
data = pd.concat([data, *(frame.add_prefix(f"{names}: ") for names, frame in compared.items())], axis=1)
