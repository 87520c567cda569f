"""A default HistGradientBoosting of scikit-learn; of a text alone a linear model: python run_boosting.py FOLDER SECONDS."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from common import answer, task
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

folder = Path(sys.argv[1])
asked, train, test = task(folder)
target = asked["target"]
y, X = train.pop(target), pd.concat([train, test], ignore_index=True)
texts = [
    name
    for name in X.select_dtypes(exclude=["number", "datetime"])
    if X[name].nunique() > 0.5 * len(X) and X[name].str.count(" ").mean() > 3
]
a_text_alone = bool(texts) and len(X.columns) <= 2
for name in X.select_dtypes(exclude="number"):
    moments = pd.to_datetime(X[name], errors="coerce", format="mixed") if X[name].astype(str).str.contains(r"\d{4}-").mean() > 0.9 else None
    if moments is not None:
        X = X.drop(columns=name).assign(hour=moments.dt.hour, weekday=moments.dt.dayofweek, month=moments.dt.month, year=moments.dt.year)
    elif not (a_text_alone and name in texts):
        X[name] = X[name].astype("category").cat.codes
if a_text_alone:
    weights = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    words = weights.fit_transform(X[texts[0]].fillna(""))
    model = LogisticRegression(C=4, max_iter=200).fit(words[: len(train)], y)
    predicted = model.predict(words[len(train) :])
else:
    model = (HistGradientBoostingClassifier if asked["classes"] else HistGradientBoostingRegressor)(random_state=0)
    rows, unseen = X[: len(train)], X[len(train) :]
    logarithm = asked["metric"] == "rmsle"
    model.fit(rows, np.log1p(y) if logarithm else y)
    if asked["prediction"] == "probability":
        predicted = model.predict_proba(unseen)[:, list(model.classes_).index(asked["positive"])]
    else:
        predicted = np.expm1(model.predict(unseen)) if logarithm else model.predict(unseen)
answer(folder, asked, predicted)
