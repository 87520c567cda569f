# name: plain
# plan: I let gradient boosting see what a linear model of words says of each text (learned on other rows), the strongest directions of its words, how it is written - lengths, marks, capitals, variety - and all other columns.
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.base import BaseEstimator
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

#> shared/linear_of_words


def style(values):
    """How texts are written, whatever they say: a row of numbers a text."""
    words = values.str.findall(r"[^\W\d_]+")
    length, count = values.str.len() + 1.0, words.str.len() + 1.0
    shares = {mark: values.str.count(mark) / length for mark in (r"[A-Z]", r"\d", ",", r"\.", "!", r"\?", "[;:]", "['\"]", r"[()\[\]]", "-", r"[^\x00-\x7f]")}
    return np.column_stack(
        [
            length,
            count,
            words.map(lambda those: sum(map(len, those))) / count,
            words.map(lambda those: len({word.lower() for word in those})) / count,
            words.map(lambda those: sum(len(word) > 6 for word in those)) / count,
            words.map(lambda those: max(map(len, those), default=0)),
            values.str.count(r"[.!?]+(?:\s|$)"),
            values.str.count("\n"),
            *shares.values(),
        ]
    )


class TextBoosting(BaseEstimator):
    """Gradient boosting on texts and on the columns beside them."""

    def __init__(self, n_estimators=300, num_leaves=31, topics=32, C=4.0, random_state=SEED):
        self.n_estimators, self.num_leaves, self.topics, self.C, self.random_state = n_estimators, num_leaves, topics, C, random_state

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.readers = []
        told = [self._learn(X[column], y) for column in texts]
        boosting = (LGBMClassifier if LEARN_CLASSES else LGBMRegressor)(
            n_estimators=self.n_estimators,
            learning_rate=0.04,
            num_leaves=self.num_leaves,
            min_child_samples=20,
            colsample_bytree=0.5,
            subsample=0.8,
            subsample_freq=1,
            reg_lambda=3.0,
            random_state=self.random_state,
            n_jobs=THREADS,
            verbose=-1,
        )
        self.boosting = boosting.fit(self._beside(X, told), y)
        return self

    def predict_proba(self, X):
        return self.boosting.predict_proba(self._features(X))

    def predict(self, X):
        return self.boosting.predict(self._features(X))

    def _features(self, X):
        return self._beside(X, [self._read(reader, X[column]) for reader, column in zip(self.readers, texts)])

    def _beside(self, X, told):
        """The columns of the table, and what the texts told."""
        told = pd.DataFrame(np.hstack(told), index=X.index).add_prefix("told ")
        return pd.concat([table(X), told], axis=1)

    def _learn(self, values, y):
        """What the texts of one column tell; what a linear model says of a row comes from one that has not seen it."""
        vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"[\w']+|[!?]", max_features=150_000, dtype=np.float32)
        try:
            weights = vectorizer.fit_transform(values)
        except ValueError:  # no words at all
            self.readers.append(None)
            return style(values)
        topics = TruncatedSVD(max(1, min(self.topics, min(weights.shape) - 1)), random_state=SEED)
        said, linears = said_by_others(weights, y, self.classes_, self.C)
        self.readers.append((vectorizer, topics, linears))
        return np.hstack([said, topics.fit_transform(weights), style(values)])

    def _read(self, reader, values):
        if reader is None:
            return style(values)
        vectorizer, topics, linears = reader
        weights = vectorizer.transform(values)
        return np.hstack([say(linears, weights, self.classes_), topics.transform(weights), style(values)])


models["texts, boosting"] = TextBoosting(n_estimators=300, num_leaves=31, topics=32, C=4.0)
