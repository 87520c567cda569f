# name: plain
# plan: I fit LightGBM with 300 trees and a learning rate of 0.05.
from lightgbm import LGBMClassifier, LGBMRegressor

lightgbm = (LGBMClassifier if LEARN_CLASSES else LGBMRegressor)(
    n_estimators=300,
    learning_rate=0.05,
    num_leaves=31,
    min_child_samples=20,
    subsample=0.8,
    subsample_freq=1,
    colsample_bytree=0.8,
    reg_lambda=1.0,
    cat_smooth=10.0,
    cat_l2=10.0,
    max_cat_threshold=32,
    random_state=SEED,
    n_jobs=THREADS,
    verbose=-1,
)
models["LightGBM"] = make_pipeline(select_table, lightgbm)
