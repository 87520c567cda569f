from pathlib import Path

import pandas as pd
import pytest

from competitions import EXAMPLES, Competition, CompetitionError, make_example
from competitions.views import folder_fingerprint


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_the_same_every_time(tmp_path: Path, name: str) -> None:
    first, second = (make_example(name, tmp_path / place) for place in "ab")
    assert folder_fingerprint(first) == folder_fingerprint(second)


def test_test_and_answers_belong_together_and_hold_a_quarter_or_so(example: Competition) -> None:
    assert example.answers is not None
    train, test, answers = (pd.read_csv(path) for path in (example.folder / "train.csv", example.folder / "test.csv", example.answers))
    assert 0.25 <= len(test) / (len(train) + len(test)) <= 0.30
    assert answers["id"].tolist() == test["id"].tolist()
    assert test["id"].tolist() == list(range(len(train) + 1, len(train) + len(test) + 1))


def test_an_unknown_example_and_a_taken_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CompetitionError, match="iris — choose one of breast-cancer"):
        make_example("iris", tmp_path)
    make_example("diabetes", tmp_path)
    with pytest.raises(CompetitionError, match="there already"):
        make_example("diabetes", tmp_path)
