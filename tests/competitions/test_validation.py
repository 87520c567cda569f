"""Does the score on held-out rows predict the score on the test rows? On real competitions, with one default model."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import ComplementNB

from competitions import Competition, Views, load_competition, metric_of, read_tables
from competitions.grading import read_answers
from competitions.moments import dates

TABLES = ("adult-census", "bike-sharing-demand", "california-housing", "spaceship-titanic", "titanic", "wine-quality")
TEXTS = {"movie-review-sentiment-analysis-kernels-only": "Phrase"}
DRAWS = 200


def features(train: pd.DataFrame, test: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Numbers as they are, dates as hour, weekday, year and month, everything else as codes."""
    both = pd.concat([train[columns], test[columns]], ignore_index=True)
    made = {}
    for name in columns:
        moments, numbers = dates(both[name]), pd.to_numeric(both[name], errors="coerce")
        if moments is not None:
            made |= {f"{name}.{part}": getattr(moments.dt, part) for part in ("hour", "day_of_week", "year", "month")}
        elif numbers.notna().sum() >= (both[name] != "").sum():
            made[name] = numbers
        else:
            made[name] = pd.Series(pd.factorize(both[name])[0])
    frame = pd.DataFrame(made).astype(float)
    return frame[: len(train)], frame[len(train) :]


def predict(competition: Competition, train: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    """A default model's submission for the rows of `test`."""
    target = train[competition.target]
    if text := TEXTS.get(competition.id):
        words = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2))
        X, X_test = words.fit_transform(train[text]), words.transform(test[text])
        model = ComplementNB()
    else:
        columns = [name for name in test if name in train and (name not in competition.id_columns or dates(test[name]) is not None)]
        X, X_test = features(train, test, columns)
        kind = LGBMClassifier if competition.classes else LGBMRegressor
        model = kind(n_estimators=100, n_jobs=1, verbose=-1, random_state=0)
    if not competition.classes:
        logarithm = competition.metric == "rmsle"
        y = pd.to_numeric(target).astype(float)
        values = model.fit(X, np.log1p(y) if logarithm else y).predict(X_test)
        values = np.expm1(values).clip(0) if logarithm else values
    else:
        model.fit(X, target)
        shares = model.predict_proba(X_test)
        labels = np.array(model.classes_, dtype=object)
        positive = metric_of(competition).prediction == "probability"
        values = shares[:, list(labels).index(competition.positive_class)] if positive else labels[shares.argmax(axis=1)]
    return pd.DataFrame({competition.prediction_columns[0]: values})


def error_of(competition: Competition, actual: pd.Series, predicted: pd.DataFrame, cells: pd.DataFrame) -> float:
    """The score's standard error by a bootstrap over rows; over days, where the rows of a day are alike."""
    rng = np.random.default_rng(0)
    column = competition.validation.column
    moments = dates(cells[column]) if column else None
    groups = np.arange(len(actual)) if moments is None else pd.factorize(moments.dt.floor("D"))[0]
    count = groups.max() + 1
    weights = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)[:, groups].astype(float)
    return float(np.std(metric_of(competition).bootstrap(competition, actual, predicted, weights)))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TABLES, *TEXTS])
def test_the_out_of_fold_score_is_within_two_standard_errors_of_the_test_score(development: Path, tmp_path: Path, name: str) -> None:
    competition = load_competition(development / name)
    views, tables = Views(competition, tmp_path), read_tables(competition)
    ids, truth = read_answers(competition)
    keys, answers = (pd.MultiIndex.from_frame(table[list(competition.id_columns)]) for table in (tables.test, ids))
    truth = pd.Series(truth.to_numpy()[answers.get_indexer(keys)])
    metric, actual = metric_of(competition), views.answers()
    held, on_test = [], []
    for fold in range(views.folds):
        rows = views.rows("full", fold)
        places, test_places = np.array(rows.held_out), np.array(rows.test_rows)
        predicted = predict(competition, rows.train, rows.test)
        held.append(predicted[places >= 0].set_axis(places[places >= 0]))
        test = predicted[test_places >= 0].set_axis(test_places[test_places >= 0]).sort_index()
        on_test.append(metric.score(competition, truth, test))
    out_of_fold = np.mean([metric.score(competition, actual.loc[part.index], part) for part in held])
    everything = pd.concat(held).sort_index()
    errors = error_of(competition, actual, everything, tables.train), error_of(competition, truth, test, tables.test)
    difference, error = abs(out_of_fold - np.mean(on_test)), np.hypot(*errors)
    print(
        f"{name}: out of fold {out_of_fold:.5f}, test {np.mean(on_test):.5f}, standard error {error:.5f}: {competition.validation.evidence}"
    )
    assert difference < 2 * error
