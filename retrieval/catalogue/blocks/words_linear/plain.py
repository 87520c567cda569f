# name: plain
# plan: I fit a linear model on TF-IDF weights of words and pairs of words.
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

words = make_column_transformer(
    *[(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"[\w']+|[!?]", max_features=200_000), c) for c in texts]
)
word_model = LogisticRegression(C=4.0, solver="saga", max_iter=20, tol=0.01, random_state=SEED) if LEARN_CLASSES else Ridge(alpha=1.0)
models["words"] = make_pipeline(words, word_model)
