# name: plain
# plan: I fit XGBoost with 400 depth-wise trees and a learning rate of 0.05.
from xgboost import XGBClassifier, XGBRegressor

xgboost = (XGBClassifier if LEARN_CLASSES else XGBRegressor)(
    n_estimators=400,
    learning_rate=0.05,
    max_depth=6,
    min_child_weight=5.0,
    subsample=0.8,
    colsample_bytree=0.7,
    reg_lambda=2.0,
    tree_method="hist",
    enable_categorical=True,
    random_state=SEED,
    n_jobs=THREADS,
    verbosity=0,
)


class CodedClasses(type(xgboost)):
    """XGBoost wants classes 0, 1, 2 … without a gap."""

    def fit(self, X, y, **options):
        if not LEARN_CLASSES:
            return super().fit(X, y, **options)
        self.labels_, codes = np.unique(y, return_inverse=True)
        return super().fit(X, codes, **options)

    @property
    def classes_(self):
        return self.labels_


models["XGBoost"] = make_pipeline(select_table, CodedClasses(**xgboost.get_params()))
