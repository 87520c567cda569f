# name: plain
# plan: I answer what rows with the same text were mostly answered in training; else the text itself, where that is usual, or the answer of the row with the most similar text.
from sklearn.feature_extraction.text import TfidfVectorizer


class LookedUp:
    """Answers that were given before."""

    def __init__(self, usual=0.5):
        self.usual = usual

    def fit(self, frame, answers):
        self.frequent = pd.Series(answers).mode().iloc[0]
        if TEXT is None:
            return self
        texts, given = frame[TEXT].to_numpy(dtype=object), pd.Series(answers)
        self.known = given.groupby(texts).agg(lambda some: some.value_counts().index[0]).to_dict()
        self.same = float((texts == answers).mean()) >= self.usual
        if not self.same:
            rows = np.random.default_rng(SEED).permutation(len(texts))[:20_000]
            self.given = answers[rows]
            try:
                self.weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=50_000, sublinear_tf=True).fit(texts[rows])
                self.rows = self.weights.transform(texts[rows])
            except ValueError:  # no text at all
                self.weights = None
        return self

    def predict(self, frame):
        if TEXT is None:
            return [self.frequent] * len(frame)
        texts = frame[TEXT].tolist()
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if self.same:
            near = new
        elif self.weights is None:
            near = [self.frequent] * len(new)
        else:
            near = []
            for start in range(0, len(new), 200):
                likeness = self.weights.transform(new[start : start + 200]) @ self.rows.T
                near += self.given[np.asarray(likeness.argmax(axis=1)).ravel()].tolist()
        answers = {**self.known, **dict(zip(new, near))}
        return [answers[text] for text in texts]


models["looked up"] = LookedUp(usual=0.5)
