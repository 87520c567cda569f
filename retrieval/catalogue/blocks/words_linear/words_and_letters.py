# name: words and letters
# plan: I add TF-IDF weights of letter sequences (3 to 5 letters within words) to those of the words: endings and misspellings count too.
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

words = make_column_transformer(
    *[(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"[\w']+|[!?]", max_features=200_000), c) for c in texts],
    *[(TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), max_features=100_000), c) for c in texts],
)
word_model = LogisticRegression(C=4.0, solver="saga", max_iter=20, tol=0.01, random_state=SEED) if LEARN_CLASSES else Ridge(alpha=1.0)
models["words"] = make_pipeline(words, word_model)
