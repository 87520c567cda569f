from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from competitions import Column, Competition, image_shape, load_competition, make_brief
from competitions.brief import describe_column


def test_the_brief_of_an_example_describes_its_tables(example: Competition) -> None:
    brief = make_brief(example)
    assert brief.train_rows + brief.test_rows in (442, 569, 178, 1797)
    assert {column.kind for column in brief.columns} <= {"number", "constant"}
    assert brief.target not in [column.name for column in brief.columns]
    assert "id" not in [column.name for column in brief.columns]
    if example.classes:
        assert tuple(brief.target_summary) == example.classes
        assert sum(brief.target_summary.values()) == pytest.approx(1)
    else:
        assert brief.target_summary["min"] < brief.target_summary["mean"] < brief.target_summary["max"]
    assert brief.image_shape == ((8, 8) if example.id == "digits" else None)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "NA", "-1e3"], "number"),
        (["x", "y", "x", "y"], "category"),
        (["True", "False", "", "true"], "boolean"),
        (["2020-01-31", "2020-02-01", "", "2021-12-24 10:00"], "date"),
        (["a good film", "not my kind of film", "well made in parts", "dull and long"], "text"),
        (["7", "7", "", "7"], "constant"),
        (["", "NA", "nan", ""], "constant"),
        (["2020-99-99", "2020-01-01", "x", "y"], "category"),
    ],
)
def test_a_columns_kind_is_read_off_its_cells(cells: list[str], kind: str) -> None:
    column = describe_column(pd.Series(cells, name="c"))
    assert column.kind == kind
    assert column.missing == sum(cell in ("", "NA", "nan") for cell in cells) / 4


def test_a_value_counts_as_often_as_rows_have_it() -> None:
    column = describe_column(pd.Series(["one", "", "two words", "one", "one", "nan", "three of them"], name="c"))
    assert (column.distinct, column.missing, column.examples) == (3, 2 / 7, ("one", "two words", "three of them"))
    texts = describe_column(pd.Series(["word " * 20, "short", "short", "short"], name="c"))
    assert texts.kind == "category", "5.75 words a row, though 10.5 a text"
    assert describe_column(pd.Series(["word " * 20, "word " * 20, "short"], name="c")).words == pytest.approx(41 / 3)


def pixels(names: list[str]) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind="number", missing=0, distinct=9, low=0, high=9) for name in names)


@pytest.mark.parametrize(
    ("names", "shape"),
    [
        ([f"pixel_{r}_{c}" for r in range(4) for c in range(6)], (4, 6)),
        ([f"{r}x{c}" for r in range(1, 5) for c in range(1, 5)], (4, 4)),
        ([f"pixel{i}" for i in range(784)], (28, 28)),
        ([f"pixel{i}" for i in range(20)], None),
        ([f"f{i}" for i in range(16)], None),
        ([f"pixel_{r}_{c}" for c in range(4) for r in range(4)], None),
        (["age", *[f"pixel{i}" for i in range(16)]], None),
    ],
)
def test_pixels_are_recognised_by_name_and_order(names: list[str], shape: tuple[int, int] | None) -> None:
    assert image_shape(pixels(names)) == shape


def test_a_date_that_serves_as_id_is_described(development: Path) -> None:
    brief = make_brief(load_competition(development / "bike-sharing-demand"))
    assert next((column.name, column.kind) for column in brief.columns) == ("datetime", "date")
    assert set(brief.train_only) == {"casual", "registered"}


def test_a_long_description_is_cut(folder_of: Callable[..., Path]) -> None:
    competition = load_competition(folder_of(description__md="The metric is accuracy. " + "More words. " * 10_000))
    assert len(make_brief(competition).description) == 20_000
