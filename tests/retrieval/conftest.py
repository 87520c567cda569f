import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competitions import EXAMPLES, Brief, Predictions, Views, load_competition, make_brief, make_example, read_predictions

TASKS = ("binary", "multiclass", "regression")


def messy_table(rows: int, task: str, seed: int) -> pd.DataFrame:
    """A table with everything that goes wrong: gaps, leading spaces, yes/no as text, compound strings, dates, names, places."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, rows // 2, rows)
    income = np.where(rng.random(rows) < 0.4, 0, rng.lognormal(3, 1.5, rows)).round(2)
    spent = np.where(rng.random(rows) < 0.4, 0, rng.lognormal(2, 1.5, rows)).round(2)
    surname = rng.choice(["Okafor", "Berg", "Silva", "Haddad", "Novak"], rows)
    table = pd.DataFrame(
        {
            "key": [f"{g:04d}_{i:02d}" for i, g in enumerate(group)],
            "when": pd.date_range("2023-01-01", periods=rows, freq="7h").strftime("%Y-%m-%d %H:%M:%S"),
            "income": income,
            "spent": spent,
            "latitude": rng.normal(48, 1, rows).round(3),
            "longitude": rng.normal(11, 1, rows).round(3),
            "rating": rng.integers(1, 5, rows),
            "town": rng.choice([" Ulm", " Bonn", " ?", " Trier"], rows, p=[0.5, 0.3, 0.1, 0.1]),
            "cabin": [f"{deck}/{number}/P" for deck, number in zip(rng.choice(list("ABC"), rows), group, strict=True)],
            "member": rng.choice(["True", "False", ""], rows),
            "name": [
                f"{last}, {title} {first} Lee"
                for last, title, first in zip(surname, rng.choice(["Mr.", "Mrs."], rows), surname, strict=True)
            ],
            "same": 1,
        }
    )
    table.loc[rng.random(rows) < 0.1, ["income", "town", "name", "cabin"]] = np.nan
    signal = np.log1p(table["spent"]) + (table["town"] == " Ulm") + 0.5 * table["rating"] + rng.normal(0, 0.5, rows)
    if task == "regression":
        table["outcome"] = np.expm1(signal).clip(0).round(3)
    else:
        table["outcome"] = pd.qcut(signal, 2 if task == "binary" else 4, labels=False)
        if task == "multiclass":
            table.loc[:2, "outcome"] = 9  # a class with three rows
    return table


def texts_table(rows: int, seed: int) -> pd.DataFrame:
    """Remarks of a few words; some are a word that readers of tables take for a gap."""
    rng = np.random.default_rng(seed)
    words = ["good", "kind", "warm", "slow", "cold", "late", "a", "the", "very", "rather", "day", "place"]
    texts = [" ".join(rng.choice(words, rng.integers(4, 14))) + f" {number}" for number in range(rows)]
    liked = [sum(text.count(word) for word in words[:3]) - sum(text.count(word) for word in words[3:6]) > 0 for text in texts]
    texts[::25] = (["NA", "null", "None", "nan"] * rows)[: len(texts[::25])]
    return pd.DataFrame({"key": range(rows), "remark": texts, "outcome": np.array(liked).astype(int)})


SERIES_TRAIN = 32 * 15 * 12


def series_table() -> pd.DataFrame:
    """Sales of 12 goods in 15 shops on 40 days, day after day: each good has its own level in each shop, which only its past tells."""
    rng = np.random.default_rng(0)
    days, shops, goods = pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d"), range(1, 16), range(1, 13)
    table = pd.MultiIndex.from_product([days, shops, goods], names=["day", "shop", "good"]).to_frame(index=False)
    level = rng.gamma(2, 50, (len(shops), len(goods)))
    weekday = np.where(np.arange(len(days)) % 7 >= 5, 1.3, 1.0)[:, None, None]
    sales = level * weekday * rng.normal(1, 0.05, (len(days), *level.shape))
    return table.assign(price=rng.normal(5, 1, len(table)).round(2), sales=sales.ravel(), row=range(len(table)))


def pairs_table(rows: int) -> pd.DataFrame:
    """Pairs of remarks that say the same in another order, or not; no word by itself tells which."""
    rng = np.random.default_rng(0)
    words = [f"{first}{second}" for first in ("ka", "lo", "mi", "ru", "te", "vo") for second in ("bar", "den", "fin", "gol", "sum")]
    first = [rng.choice(words, 7, replace=False) for _ in range(rows)]
    same = rng.random(rows) < 0.5
    second = [rng.permutation(those) if alike else rng.choice(words, 7, replace=False) for those, alike in zip(first, same, strict=True)]
    texts = {name: [" ".join(those) + f" {row}" for row, those in enumerate(side)] for name, side in (("one", first), ("other", second))}
    return pd.DataFrame({"key": range(rows), **texts, "alike": same.astype(int)})


def write_competition(folder: Path, train: pd.DataFrame, test: pd.DataFrame, key: str, target: str, declared: str) -> None:
    folder.mkdir()
    train.to_csv(folder / "train.csv", index=False)
    test.drop(columns=target).to_csv(folder / "test.csv", index=False)
    test[[key]].assign(**{target: 0}).to_csv(folder / "sample_submission.csv", index=False)
    (folder / "competition.yaml").write_text(declared)


@pytest.fixture(scope="session")
def competition_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The data folder of an example, or of 'messy <task>'."""
    place = tmp_path_factory.mktemp("data")

    def make(name: str) -> Path:
        if name in EXAMPLES:
            return (place / name if (place / name).exists() else make_example(name, place)) / "prepared" / "public"
        folder = place / name.replace(" ", "-")
        if name == "texts" and not folder.exists():
            table = texts_table(500, 0)
            write_competition(folder, table[:400], table[400:], "key", "outcome", "metric: accuracy\ntask: binary\nid_columns: [key]\n")
        if name == "series" and not folder.exists():
            table = series_table()
            write_competition(
                folder, table[:SERIES_TRAIN], table[SERIES_TRAIN:], "row", "sales", "metric: rmse\ntask: regression\nid_columns: [row]\n"
            )
        if name == "pairs" and not folder.exists():
            table = pairs_table(800)
            write_competition(folder, table[:640], table[640:], "key", "alike", "metric: accuracy\ntask: binary\nid_columns: [key]\n")
        if not folder.exists():
            folder.mkdir()
            task = name.split()[1]
            table = messy_table(500, task, 0)
            test = table[400:].drop(columns="outcome").assign(town=" Elsewhere")  # a category that train lacks
            table[:400].assign(afterwards=range(400)).to_csv(folder / "train.csv", index=False)
            test.to_csv(folder / "test.csv", index=False)
            test[["key"]].assign(outcome=table["outcome"][:400].median()).to_csv(folder / "sample_submission.csv", index=False)
            metric = {"binary": "f1", "multiclass": "quadratic_weighted_kappa", "regression": "rmsle"}[task]
            (folder / "competition.yaml").write_text(f"metric: {metric}\ntask: {task}\nid_columns: [key]\n")
        return folder

    return make


@pytest.fixture(scope="session")
def brief_of(competition_folder: Callable[[str], Path]) -> Callable[[str], Brief]:
    return lambda name: make_brief(load_competition(competition_folder(name)))


@pytest.fixture(scope="session")
def run_script(competition_folder: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Predictions]:
    """Run a script on a fold of a competition, as a process of its own; the submission is checked as in a search."""
    cache = tmp_path_factory.mktemp("views")

    def run(code: str, name: str, fold: int = 0) -> Predictions:
        competition = load_competition(competition_folder(name))
        view = Views(competition, cache / name.replace(" ", "-"), folds=4).view("search", fold)
        place = tmp_path_factory.mktemp("run")
        (place / "input").symlink_to(view.folder)
        (place / "solution.py").write_text(code)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "solution.py"], check=False, cwd=place, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert done.stdout == "", "a recipe prints nothing"
        assert done.stderr == "", "a recipe warns of nothing"
        probabilities = place / "probabilities.csv"
        return read_predictions(competition, view, place / "submission.csv", probabilities if probabilities.exists() else None)

    return run
