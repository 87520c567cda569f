"""AutoGluon with its best_quality preset: python run_autogluon.py FOLDER SECONDS, in an environment with autogluon.tabular[all]."""

import sys
from pathlib import Path

import numpy as np
from autogluon.tabular import TabularPredictor
from common import answer, task

folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
asked, train, test = task(folder)
target, logarithm = asked["target"], asked["metric"] == "rmsle"
if logarithm:
    train[target] = np.log1p(train[target])
names = {"roc_auc": "roc_auc", "accuracy": "accuracy", "rmse": "root_mean_squared_error", "rmsle": "root_mean_squared_error"}
metric = names.get(asked["metric"], "quadratic_kappa" if asked["metric"] == "quadratic_weighted_kappa" else asked["metric"])
predictor = TabularPredictor(label=target, eval_metric=metric, path=str(folder / "autogluon"))
predictor.fit(train, presets="best_quality", time_limit=seconds, num_cpus=2)
if asked["prediction"] == "probability":
    predicted = predictor.predict_proba(test)[asked["positive"]]
else:
    predicted = np.expm1(predictor.predict(test)) if logarithm else predictor.predict(test)
answer(folder, asked, predicted)
