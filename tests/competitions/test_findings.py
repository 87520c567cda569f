from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competitions import adversarial_auc, findings, load_competition

Folder = Callable[..., Path]


def warned(folder: Path) -> str:
    return "\n".join(one.value for one in findings(load_competition(folder)) if one.field == "warning")


def test_a_test_that_is_like_train_cannot_be_told_apart_and_a_shifted_one_can() -> None:
    rng = np.random.default_rng(0)
    train, test = (pd.DataFrame({"a": rng.random(400).astype(str), "b": rng.choice(["u", "v"], 400)}) for _ in range(2))
    assert adversarial_auc(train, test, ["a", "b"]) == pytest.approx(0.5, abs=0.08)
    shifted = test.assign(a=(rng.random(400) + 0.7).astype(str))
    assert (adversarial_auc(train, shifted, ["a", "b"]) or 0) > 0.8
    assert adversarial_auc(train, test, []) is None


def test_a_further_table_that_names_training_rows_is_reported(folder_of: Folder) -> None:
    visits = "visitor,day\n" + "".join(f"{i},{i % 7}\n" for i in range(40))
    folder = folder_of(visits__csv=visits, weather__csv="day,rain\n0,1\n1,0\n")
    assert "visits.csv names training rows (visitor)" in warned(folder)
    assert "weather" not in warned(folder)


def test_columns_that_only_train_has_are_named(folder_of: Folder) -> None:
    train = "id,a,b,later,y\n" + "".join(f"{i},{i * 7 % 11},{'uvw'[i % 3]},{i},{i % 2}\n" for i in range(40))
    folder = folder_of(train__csv=train, competition__yaml="target_columns: [y]\n")
    assert "only train has are left out of held-out rows: later" in warned(folder)


def test_every_assumption_has_a_reason(folder_of: Folder) -> None:
    found = findings(load_competition(folder_of()))
    assert all(one.why for one in found if one.field != "warning")
    assert {"files", "id_columns", "target_columns", "metric", "task", "validation"} <= {one.field for one in found}
