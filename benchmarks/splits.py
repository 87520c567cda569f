"""Does the out-of-fold score predict the test score? A default gradient boosting under each competition's inferred split.

    python -m benchmarks.splits FOLDER... [--draws 200]

Each folder is a competition of tables or texts with private answers. The same model is fitted once a fold, on the rows that the fold's
view shows; its held-out rows and the real test rows are scored apart, and both scores are means over the folds, so that only the split can
make them differ. Standard errors come from a bootstrap over the held-out rows and over the test rows: whole blocks or groups where folds
are made of them. `z` is the difference by its standard error. The answers are read to grade, and for nothing else.

Prints the evidence for each split, a table, and at the end one JSON line: competition -> split, metric, oof, test, standard errors, z.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import OrdinalEncoder

from competitions import Competition, Views, load_competition, make_brief, metric_of, read_tables
from competitions.brief import NA_TEXTS, Brief
from competitions.grading import read_answers
from competitions.moments import dates, order_of

PARTS_OF_TIME = ("year", "month", "day", "day_of_week", "hour")
MOST_CATEGORIES = 200
MOST_BESIDE_TEXTS = 1
"""Columns beside texts; where there are more, the table is what counts."""
BOUND = 2.0

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """A score and its standard error."""

    value: float
    error: float


def features(brief: Brief, train: pd.DataFrame, others: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Of each table: numbers as they are, moments as their parts, categories as codes (what train lacks is missing)."""
    made: list[dict[str, Floats]] = [{} for _ in range(1 + len(others))]
    tables = [train, *others]
    for column in brief.columns:
        cells = [table[column.name].where(~table[column.name].isin(NA_TEXTS)) for table in tables]
        if column.kind == "number":
            for place, one in zip(made, cells, strict=True):
                place[column.name] = pd.to_numeric(one, errors="coerce").to_numpy(dtype=float)
        elif column.kind == "date":
            for place, table in zip(made, tables, strict=True):
                moments = dates(table[column.name])
                assert moments is not None
                place |= {f"{column.name}_{part}": getattr(moments.dt, part).to_numpy(dtype=float) for part in PARTS_OF_TIME}
        elif column.kind in ("category", "boolean") and column.distinct <= MOST_CATEGORIES:
            coder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
            coder.fit(cells[0].to_frame())
            for place, one in zip(made, cells, strict=True):
                place[column.name] = coder.transform(one.to_frame())[:, 0]
    return [pd.DataFrame(one) for one in made]


def fit_and_predict(
    competition: Competition, brief: Brief, train: pd.DataFrame, target: pd.Series, others: Sequence[pd.DataFrame]
) -> list[pd.DataFrame]:
    """The prediction columns for the rows of each other table, by a model with its default parameters."""
    metric, columns = metric_of(competition), competition.prediction_columns
    texts = [column.name for column in brief.columns if column.kind == "text"]
    if len(brief.columns) > len(texts) + MOST_BESIDE_TEXTS:
        texts = []
    if texts and not competition.classes:
        raise ValueError(f"{competition.id}: a text with numbers to predict")
    if competition.classes:
        model, fitted, given = _texts(texts, train, others) if texts else (HistGradientBoostingClassifier(random_state=0), None, None)
        if fitted is None or given is None:
            fitted, *given = features(brief, train, others)
        model.fit(fitted, target)
        if metric.prediction == "label":
            return [pd.DataFrame({columns[0]: model.predict(one)}) for one in given]
        chances = [pd.DataFrame(model.predict_proba(one), columns=model.classes_) for one in given]
        return [pd.DataFrame({name: one.get(competition.class_of(name), 0.0) for name in columns}) for one in chances]
    fitted, *given = features(brief, train, others)
    logarithm = metric.non_negative
    regressor = HistGradientBoostingRegressor(random_state=0).fit(fitted, np.log1p(target) if logarithm else target)
    guesses = [regressor.predict(one) for one in given]
    return [pd.DataFrame({columns[0]: np.maximum(np.expm1(guess), 0) if logarithm else guess}) for guess in guesses]


def _texts(names: Sequence[str], train: pd.DataFrame, others: Sequence[pd.DataFrame]) -> tuple[SGDClassifier, csr_matrix, list[csr_matrix]]:
    """A linear model of the words and pairs of words."""
    parts: list[list[csr_matrix]] = [[] for _ in range(1 + len(others))]
    for name in names:
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, token_pattern=r"\S+", sublinear_tf=True).fit(train[name])
        for place, table in zip(parts, [train, *others], strict=True):
            place.append(words.transform(table[name]))
    fitted, *given = (csr_matrix(hstack(one)) for one in parts)
    return SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=10, tol=None, random_state=0), fitted, given


def clusters(competition: Competition, train: pd.DataFrame, test: pd.DataFrame, folds: Integers) -> tuple[Integers, Integers]:
    """What is drawn as a whole by the bootstrap: rows, groups, or stretches of time, numbered for train and for test."""
    split, column = competition.validation.split, competition.validation.column
    if split == "grouped" and column:
        return pd.factorize(train[column])[0].astype(np.int64), pd.factorize(test[column])[0].astype(np.int64)
    if split == "blocks" and column:
        order = np.concatenate([order_of(one[column]).to_numpy() for one in (train, test)])
        return _stretches(order, np.concatenate([folds, np.full(len(test), -1)]), len(train))
    return np.arange(len(train)), np.arange(len(test))


def _stretches(order: npt.NDArray[np.generic], kinds: Integers, count: int) -> tuple[Integers, Integers]:
    """Rows that follow each other in time and are of one kind, numbered; the first `count` rows and the rest."""
    by_time = np.argsort(order, kind="stable")
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[by_time] = np.cumsum(np.diff(kinds[by_time], prepend=kinds[by_time[0]]) != 0)
    return numbers[:count], numbers[count:]


def resampled(
    competition: Competition, actual: pd.Series, guesses: Sequence[pd.DataFrame], rows: Sequence[Integers], cluster: Integers, draws: int
) -> Score:
    """The mean over the folds of the score of each fold's guesses for its rows (positions in `actual`), with a bootstrap over clusters."""
    metric, rng = metric_of(competition), np.random.default_rng(0)
    names, codes = np.unique(cluster, return_inverse=True)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws).astype(float)
    values, spread = [], []
    for guess, positions in zip(guesses, rows, strict=True):
        truth = actual.iloc[positions].reset_index(drop=True)
        values.append(metric.score(competition, truth, guess))
        spread.append(np.concatenate([metric.bootstrap(competition, truth, guess, one[None, codes[positions]]) for one in counts]))
    return Score(float(np.mean(values)), float(np.std(np.nanmean(spread, axis=0), ddof=1)))


def measure(competition: Competition, cache: Path, draws: int) -> tuple[Score, Score]:
    """The out-of-fold score and the test score."""
    views, brief, tables = Views(competition, cache), make_brief(competition), read_tables(competition)
    folds, answers, test = views.assignment("full"), views.answers(), tables.test
    ids, truth = read_answers(competition)
    keys = list(competition.id_columns)
    where = pd.MultiIndex.from_frame(test[keys]).get_indexer(pd.MultiIndex.from_frame(ids)) if keys else np.arange(len(test))
    held_guesses, test_guesses, held_rows = [], [], []
    for fold in range(views.folds):
        rows = views.rows("full", fold)
        here = np.array(rows.held_out)
        held = rows.test[here >= 0]
        target = answers.loc[rows.train.index]
        guess, other = fit_and_predict(competition, brief, rows.train, target, [held, test.iloc[where]])
        held_guesses.append(guess)
        test_guesses.append(other)
        held_rows.append(here[here >= 0])
    of_train, of_test = clusters(competition, tables.train, test.iloc[where], folds)
    every = [np.arange(len(truth))] * views.folds
    truth = truth.reset_index(drop=True)
    return (
        resampled(competition, answers, held_guesses, held_rows, of_train, draws),
        resampled(competition, truth, test_guesses, every, of_test, draws),
    )


def main() -> None:
    """Print each competition's split and scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    arguments = parser.parse_args()
    found: dict[str, dict[str, object]] = {}
    lines = [f"{'competition':<48}{'split':<12}{'metric':<26}{'out of fold':>24}{'test':>24}{'z':>7}"]
    with tempfile.TemporaryDirectory(prefix="splits-") as cache:
        for folder in arguments.folders:
            competition = load_competition(folder)
            split = competition.validation.split
            print(f"{competition.id}: {split}, because {competition.validation.evidence}", flush=True)
            out, test = measure(competition, Path(cache), arguments.draws)
            z = (out.value - test.value) / np.hypot(out.error, test.error)
            scores = [f"{one.value:.4f} ± {one.error:.4f}" for one in (out, test)]
            lines.append(f"{competition.id:<48}{split:<12}{competition.metric:<26}{scores[0]:>24}{scores[1]:>24}{z:>7.2f}")
            print(lines[-1], flush=True)
            found[competition.id] = {
                "split": split,
                "metric": competition.metric,
                **{"oof": out.value, "oof_error": out.error, "test": test.value, "test_error": test.error},
                "z": float(z),
            }
    print("\n" + "\n".join(lines))
    print(json.dumps({"tasks": found, "within": sum(abs(float(str(one["z"]))) <= BOUND for one in found.values()), "of": len(found)}))


if __name__ == "__main__":
    main()
