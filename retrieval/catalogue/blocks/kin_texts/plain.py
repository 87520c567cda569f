# name: plain
# plan: I compare each text with the training texts of its group (a sentence's phrases, a product's reviews): what those that contain it, those that it contains and the most similar ones are called, together with a linear model of words, goes into gradient boosting.
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union

#> shared/linear_of_words


class KinOfTexts(BaseEstimator):
    """Gradient boosting on what the kin of a text are called, and on what a linear model of words says."""

    def __init__(self, n_estimators=130, num_leaves=31, C=3.0, kin=8, text=None):
        self.n_estimators, self.num_leaves, self.C, self.kin, self.text = n_estimators, num_leaves, C, kin, text

    def fit(self, X, y):
        self.classes_ = np.unique(y) if LEARN_CLASSES else None
        self.marks = (np.asarray(y)[:, None] == self.classes_).astype(float) if LEARN_CLASSES else np.asarray(y, dtype=float)[:, None]
        self.mean = self.marks.mean(axis=0)
        self.rows = self._parsed(X)
        self.groups = {}
        for row, (group, _) in enumerate(self.rows):
            self.groups.setdefault(group, []).append(row)
        self.weights = make_union(
            TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 3), token_pattern=r"[\w']+|[!?]", max_features=300_000, dtype=np.float32),
            TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), max_features=100_000, min_df=3, dtype=np.float32),
        )
        words = self.weights.fit_transform(X[self.text].fillna("").astype(str)).tocsr()
        said, self.linears = said_by_others(words, y, self.classes_, self.C)
        features = np.hstack([said, self._of_kin(self.rows, own=True)])
        boosting = (LGBMClassifier if LEARN_CLASSES else LGBMRegressor)(
            n_estimators=self.n_estimators,
            learning_rate=0.09,
            num_leaves=self.num_leaves,
            min_child_samples=40,
            colsample_bytree=0.5,
            subsample=0.8,
            subsample_freq=1,
            reg_lambda=5.0,
            max_bin=63,
            random_state=SEED,
            n_jobs=THREADS,
            verbose=-1,
        )
        self.boosting = boosting.fit(features, y)
        return self

    def predict_proba(self, X):
        return self.boosting.predict_proba(self._features(X))

    def predict(self, X):
        return self.boosting.predict(self._features(X))

    def _features(self, X):
        words = self.weights.transform(X[self.text].fillna("").astype(str))
        return np.hstack([say(self.linears, words, self.classes_), self._of_kin(self._parsed(X), own=False)])

    def _parsed(self, X):
        texts = X[self.text].fillna("").astype(str).str.lower()
        return list(zip(X[GROUP_COLUMN].tolist(), (f" {' '.join(words)} " for words in texts.str.findall(r"[\w'!?]+"))))

    def _of_kin(self, rows, own):
        """For each row: what its kin in training are called; `own`: the rows are the training rows themselves."""
        width = self.marks.shape[1]
        features = np.full((len(rows), 6 * width + 10), np.nan)
        sets = [frozenset(text.split()) for _, text in self.rows]
        for row, (group, text) in enumerate(rows):
            others = [other for other in self.groups.get(group, ()) if not own or other != row]
            words = sets[row] if own else frozenset(text.split())
            features[row, -1], features[row, -2] = len(words), len(others)
            if not others:
                continue
            likeness = np.array([len(words & sets[other]) / max(1, len(words | sets[other])) for other in others])
            order = np.argsort(-likeness, kind="stable")[: self.kin]
            near = [others[place] for place in order]
            weights = likeness[order] ** 2 + 1e-3
            over = [other for other in others if text in self.rows[other][1]]
            under = [other for other in others if self.rows[other][1] in text]
            longest = max(others, key=lambda other: len(self.rows[other][1]))
            over = min(over, key=lambda other: len(self.rows[other][1]), default=None)
            under = sorted(under, key=lambda other: -len(self.rows[other][1]))[:2] + [None, None]
            called = [weights @ self.marks[near] / weights.sum(), self.marks[near[0]], self.marks[longest]]
            called += [np.full(width, np.nan) if one is None else self.marks[one] for one in (over, *under[:2])]
            lengths = [len(self.rows[one][1]) / len(text) if one is not None else np.nan for one in (longest, over, *under[:2])]
            features[row, :-2] = [*np.concatenate(called), *lengths, likeness.max(), likeness.mean(), len(text), text.count("'")]
        return features


for text in texts[:2]:
    models[f"kin of {text}"] = KinOfTexts(n_estimators=130, num_leaves=31, C=3.0, kin=8, text=text)
