# name: splines
# plan: I give the linear model smooth curves: each number becomes a cubic spline with eight knots at its quantiles.
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, SplineTransformer

ranks = QuantileTransformer(n_quantiles=min(500, len(X)), random_state=SEED)
scaled = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="median"), ranks, SplineTransformer(n_knots=8)), numeric),
    (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categorical),
)
linear = LogisticRegression(C=0.3, max_iter=300) if LEARN_CLASSES else Ridge(alpha=1.0)
models["linear"] = make_pipeline(scaled, linear)
