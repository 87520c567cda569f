# name: plain
# plan: I fit a linear model on TF-IDF weights of letter sequences within words.
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

letters = make_column_transformer(
    *[(TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5), max_features=100_000), c) for c in texts]
)
letter_model = LogisticRegression(C=4.0, solver="saga", max_iter=20, tol=0.01, random_state=SEED) if LEARN_CLASSES else Ridge(alpha=1.0)
models["letters"] = make_pipeline(letters, letter_model)
