# name: plain
# plan: I let a linear model say of each word, from the word, its neighbours, its place and the other columns, whether it is part of the answer, and take the best run of words.
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression

MOST_WORDS = 400_000


class SpanOfWords:
    """Chooses the run of words with the largest sum of chances above `cut`."""

    def __init__(self, C=1.0, cut=0.5):
        self.C, self.cut = C, cut
        self.hasher = FeatureHasher(2**18, input_type="string")

    def fit(self, frame, answers):
        rows = np.random.default_rng(SEED).permutation(len(frame))
        rows = rows[: max(1, int(MOST_WORDS / max(1.0, frame[TEXT].str.count(r"\S+").mean())))]
        frame, answers = frame.iloc[rows], answers[rows]
        features, inside = [], []
        for (spans, words), text, answer in zip(self._words(frame), frame[TEXT], answers):
            start = max(text.find(answer.strip()), 0)
            features += words
            inside += [left < start + len(answer.strip()) and right > start for left, right in spans]
        self.model = LogisticRegression(C=self.C, solver="liblinear", max_iter=50, tol=0.01) if 0 < sum(inside) < len(inside) else None
        if self.model:
            self.model.fit(self.hasher.transform(features), np.array(inside))
        return self

    def predict(self, frame):
        rows = list(self._words(frame))
        every = [words for _, one in rows for words in one]
        chances = self.model.predict_proba(self.hasher.transform(every))[:, 1] if self.model and every else np.ones(len(every))
        answers, position = [], 0
        for (spans, words), text in zip(rows, frame[TEXT]):
            answers.append(self._best_run(text, spans, chances[position : position + len(words)]))
            position += len(words)
        return answers

    def _best_run(self, text, spans, chances):
        best, left, run, choice = 0.0, 0, 0.0, (0, len(spans) - 1)
        for right, gain in enumerate(chances - self.cut):
            if run <= 0:
                left, run = right, 0.0
            run += gain
            if run > best:
                best, choice = run, (left, right)
        return text[spans[choice[0]][0] : spans[choice[1]][1]] if spans else text

    def _words(self, frame):
        others = [column for column in frame.columns if column != TEXT and frame[column].nunique() <= 50]
        for text, *kinds in frame[[TEXT, *others]].itertuples(index=False):
            found = [match.span() for match in re.finditer(r"\S+", text)]
            words = [re.sub(r"\W", "", text[left:right].lower()) or text[left:right] for left, right in found]
            kind, last = "/".join(kinds), len(words) - 1
            yield found, [
                [f"kind {kind}", f"word {word}", f"{kind} word {word}", f"{kind} before {words[place - 1] if place else '^'}"]
                + [f"{kind} after {words[place + 1] if place < last else '$'}", f"{kind} place {min(place, 5)} {min(last - place, 5)}"]
                + [f"{kind} tenth {10 * place // (last + 1)}", f"{kind} length {min(last, 20)}", f"shout {text[slice(*found[place])].isupper()}"]
                for place, word in enumerate(words)
            ]


models["span of words"] = SpanOfWords(C=1.0, cut=0.5)
