"""Writing an example competition in MLE-bench's prepared layout."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

from competitions.errors import CompetitionError

TEST_SHARE = 0.27
SEED = 20250618
"""The split is part of the examples: figures in the documentation refer to it."""


@dataclass(frozen=True)
class Example:
    """Where an example's rows come from, and what its sample submission looks like."""

    table: Callable[[], pd.DataFrame]
    target: str
    sample: dict[str, str]
    """Prediction columns and the constant that the sample submission has in them."""


def _breast_cancer() -> pd.DataFrame:
    bunch = datasets.load_breast_cancer(as_frame=True)
    table = bunch.data.rename(columns=lambda name: name.replace(" ", "_"))
    result: pd.DataFrame = table.assign(diagnosis=np.where(bunch.target == 0, "malignant", "benign"))
    return result


def _diabetes() -> pd.DataFrame:
    bunch = datasets.load_diabetes(as_frame=True, scaled=False)
    result: pd.DataFrame = bunch.data.assign(progression=bunch.target)
    return result


def _digits() -> pd.DataFrame:
    bunch = datasets.load_digits(as_frame=True)
    result: pd.DataFrame = bunch.data.astype(int).assign(digit=bunch.target)
    return result


def _wine() -> pd.DataFrame:
    bunch = datasets.load_wine(as_frame=True)
    names = {"od280/od315_of_diluted_wines": "od280_od315_of_diluted_wines"}
    result: pd.DataFrame = bunch.data.rename(columns=names).assign(cultivar=np.array(["first", "second", "third"])[bunch.target])
    return result


EXAMPLES: dict[str, Example] = {
    "breast-cancer": Example(_breast_cancer, "diagnosis", {"diagnosis": "0.5"}),
    "diabetes": Example(_diabetes, "progression", {"progression": "150.0"}),
    "digits": Example(_digits, "digit", {"digit": "0"}),
    "wine-recognition": Example(_wine, "cultivar", {"first": "0.3333", "second": "0.3333", "third": "0.3334"}),
}


def make_example(name: str, folder: Path) -> Path:
    """Write the example into `folder`/<name> and return that folder; its answers lie in prepared/private.

    Raises:
        CompetitionError: no such example, or the folder is there already.
    """
    if name not in EXAMPLES:
        raise CompetitionError("example", None, name, f"choose one of {', '.join(EXAMPLES)}")
    place = folder / name
    if place.exists():
        raise CompetitionError(place, None, "the folder is there already", "choose another place, or use it as it is")
    folder.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))
    try:
        _write(name, EXAMPLES[name], partial)
        partial.chmod(0o755)
        return partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(name: str, example: Example, place: Path) -> None:
    public, private = place / "prepared" / "public", place / "prepared" / "private"
    public.mkdir(parents=True)
    private.mkdir()
    table = example.table()
    table = table.iloc[np.random.RandomState(SEED).permutation(len(table))].reset_index(drop=True)
    table.insert(0, "id", np.arange(1, len(table) + 1))
    rows = len(table) - round(TEST_SHARE * len(table))
    train, test = table[:rows], table[rows:]
    train.to_csv(public / "train.csv", index=False)
    test.drop(columns=example.target).to_csv(public / "test.csv", index=False)
    test[["id"]].assign(**example.sample).to_csv(public / "sample_submission.csv", index=False)
    test[["id", example.target]].to_csv(private / "test.csv", index=False)
    text = resources.files("competitions.examples").joinpath(f"{name}.md").read_text(encoding="utf-8")
    (public / "description.md").write_text(text, encoding="utf-8")
