"""FLAML: python run_flaml.py FOLDER SECONDS, in an environment with flaml[automl]."""

import sys
from pathlib import Path

import numpy as np
from common import answer, task
from flaml import AutoML

folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
asked, train, test = task(folder)
y, logarithm = train.pop(asked["target"]), asked["metric"] == "rmsle"
model = AutoML()
kind = "classification" if asked["classes"] else "regression"
metric = {"roc_auc": "roc_auc", "accuracy": "accuracy"}.get(asked["metric"], "log_loss" if asked["classes"] else "rmse")
model.fit(train, np.log1p(y) if logarithm else y, task=kind, metric=metric, time_budget=seconds, n_jobs=2, seed=0, verbose=0)
if asked["prediction"] == "probability":
    predicted = model.predict_proba(test)[:, list(model.classes_).index(asked["positive"])]
else:
    predicted = np.expm1(model.predict(test)) if logarithm else model.predict(test)
answer(folder, asked, predicted)
