# name: plain
# plan: I fit a regularised linear model on scaled numbers and one-hot categories.
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import OneHotEncoder, StandardScaler

scaled = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categorical),
)
linear = LogisticRegression(C=0.3, max_iter=300) if LEARN_CLASSES else Ridge(alpha=3.0)
models["linear"] = make_pipeline(scaled, linear)
