from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competitions import Ambiguity, CompetitionError, Views, load_competition, read_tables
from competitions.moments import blocks_of_test, deal_blocks
from competitions.relation import given_folds, infer_validation

Folder = Callable[..., Path]


def days(numbers: list[int]) -> pd.Series:
    return pd.Series(pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(numbers, unit="D"))


def hourly(of_train: Callable[[int], bool]) -> tuple[str, str, str]:
    """Train, test and sample of 120 days of 4 hours each, dealt by day."""
    lines: dict[bool, list[str]] = {True: [], False: []}
    for day in range(120):
        for hour in (0, 6, 12, 18):
            lines[of_train(day)].append(f"{pd.Timestamp('2020-01-01') + pd.Timedelta(days=day, hours=hour)},{day % 7}")
    train = "time,a,y\n" + "".join(f"{line},{i % 9 + 0.5}\n" for i, line in enumerate(lines[True]))
    return train, "time,a\n" + "\n".join(lines[False]) + "\n", "time,y\n" + "".join(f"{line.split(',')[0]},0\n" for line in lines[False])


def test_a_test_in_blocks_of_time_is_validated_in_blocks_as_long_that_no_day_crosses(folder_of: Folder, tmp_path: Path) -> None:
    train, test, sample = hourly(lambda day: day % 20 < 15)
    competition = load_competition(folder_of(train__csv=train, test__csv=test, sample_submission__csv=sample, description__md="RMSE"))
    assert (competition.validation.split, competition.validation.column) == ("blocks", "time")
    assert "6 blocks of time between training rows, about 5.0 days each" in competition.validation.evidence
    assignment = Views(competition, tmp_path / "cache", folds=3).assignment("full")
    day = pd.to_datetime(read_tables(competition).train["time"]).dt.floor("D").to_numpy()
    by_day = pd.Series(assignment).groupby(day).agg(["nunique", "first"])
    assert (by_day["nunique"] == 1).all()
    for stretch in range(6):  # each stretch of 15 days between test blocks has one block of 5 days of each fold
        folds = by_day["first"].to_numpy()[stretch * 15 : stretch * 15 + 15].reshape(3, 5)
        assert (folds == folds[:, :1]).all()
        assert sorted(folds[:, 0]) == [0, 1, 2]


def test_days_drawn_at_random_are_no_blocks_of_time(folder_of: Folder) -> None:
    drawn = np.random.default_rng(1).random(120) < 0.75
    train, test, sample = hourly(lambda day: bool(drawn[day]))
    competition = load_competition(folder_of(train__csv=train, test__csv=test, sample_submission__csv=sample, description__md="RMSE"))
    assert competition.validation.split == "plain"


def test_blocks_need_units_of_their_own_inside_the_training_period() -> None:
    train = days([day for day in range(100) if day % 10 < 7])
    assert blocks_of_test(train, days([day for day in range(100) if day % 10 >= 7])) is not None
    assert blocks_of_test(train, days([*range(7, 10), *range(17, 20), 25])) is None, "a shared day"
    assert blocks_of_test(train, days(list(range(110, 140)))) is None, "after train"
    assert blocks_of_test(train, days([7, 8])) is None, "too few"


@pytest.mark.parametrize("folds", [2, 5])
def test_every_fold_gets_about_as_many_blocks(folds: int) -> None:
    train, test = (days([day for day in range(400) if (day % 10 < 7) == side]) for side in (True, False))
    assignment, blocks = deal_blocks(train, test, folds, seed=0)
    assert blocks == 80
    assert np.bincount(assignment, minlength=folds).min() > 0.85 * len(train) / folds
    assert (deal_blocks(train, test, folds, seed=1)[0] != assignment).any()


def test_whole_numbers_count_time_only_where_their_name_says_so(folder_of: Folder) -> None:
    train = "id,{},y\n" + "".join(f"{i},{1000 + i},{i % 2}\n" for i in range(40))
    test = "id,{}\n" + "".join(f"{i},{1000 + i}\n" for i in range(40, 50))
    folder = folder_of(train__csv=train.replace("{}", "timestamp"), test__csv=test.replace("{}", "timestamp"))
    validation = load_competition(folder).validation
    assert (validation.split, validation.column) == ("time", "timestamp")
    for name, text in (("train.csv", train), ("test.csv", test)):
        (folder / name).write_text(text.replace("{}", "pressure"))
    assert load_competition(folder).validation.split == "stratified"


def test_a_fold_column_that_comes_with_the_data_is_used_as_it_is(folder_of: Folder, tmp_path: Path) -> None:
    train = "id,a,b,kfold,y\n" + "".join(f"{i},{i},u,{(i // 5) % 4 + 1},{i % 2}\n" for i in range(40))
    competition = load_competition(folder_of(train__csv=train))
    assert (competition.validation.split, competition.validation.column, competition.validation.folds) == ("given", "kfold", 4)
    views = Views(competition, tmp_path / "cache")
    assert views.folds == 4
    assert views.assignment("full").tolist() == [(i // 5) % 4 for i in range(40)]
    assert Views(competition, tmp_path / "cache", folds=2).assignment("full").max() == 3
    with pytest.raises(CompetitionError, match="4 folds in 'kfold', too few for 5 parts"):
        Views(competition, tmp_path / "cache", folds=5)


def test_rows_without_a_given_fold_are_never_held_out() -> None:
    assert given_folds(pd.Series(["-1", "0", "2", "", "0"])).tolist() == [-1, 0, 1, -1, 0]
    assert given_folds(pd.Series(["b", "a", "b"])).tolist() == [1, 0, 1]


@pytest.mark.parametrize("split", ["blocks", "given"])
def test_a_declared_split_overrules_what_the_data_say(folder_of: Folder, tmp_path: Path, split: str) -> None:
    folder = folder_of(competition__yaml=f"validation: {{split: {split}, column: a}}\n")
    views = Views(load_competition(folder), tmp_path / "cache", folds=3)
    assert views.competition.validation.split == split
    assert set(views.assignment("full")) >= {0, 1, 2}
    values = read_tables(views.competition).train["a"]
    assert pd.Series(views.assignment("full")).groupby(values.to_numpy()).nunique().max() == 1


def test_a_class_of_four_rows_is_in_four_folds(folder_of: Folder, tmp_path: Path) -> None:
    train = "id,a,b,y\n" + "".join(f"{i},{i},u,{3 if i % 25 == 0 else i % 2}\n" for i in range(100))
    views = Views(load_competition(folder_of(train__csv=train)), tmp_path / "cache", folds=5)
    rare = views.assignment("full")[views.answers() == "3"]
    assert sorted(rare) == sorted(set(rare))
    assert len(rare) == 4


def dated(count: int, first: int = 0) -> list[str]:
    return [f"{pd.Timestamp('2021-01-01') + pd.Timedelta(days=first + day):%Y-%m-%d}" for day in range(count)]


def test_two_rules_that_hold_out_other_rows_are_asked_about() -> None:
    train = pd.DataFrame({"day": dated(200), "shop": [f"s{row % 25}" for row in range(200)]})
    test = pd.DataFrame({"day": dated(50, 200), "shop": [f"t{row % 10}" for row in range(50)]})
    with pytest.raises(ValueError, match=r"split: time, column: day.*or \{split: grouped, column: shop"):
        infer_validation("binary", train, test, ())
    following = train.assign(shop=[f"s{row // 8}" for row in range(200)])  # each shop has its own days: a cut in time cuts one of them
    assert infer_validation("binary", following, test, ()).split == "time"


def test_groups_within_groups_are_kept_together_and_crossed_groups_asked_about() -> None:
    train = pd.DataFrame({"visit": [f"v{row // 2}" for row in range(160)], "patient": [f"p{row // 8}" for row in range(160)]})
    test = pd.DataFrame({"visit": [f"w{row // 2}" for row in range(40)], "patient": [f"q{row // 8}" for row in range(40)]})
    assert infer_validation("binary", train, test, ()).column == "patient"
    crossed = train.assign(visit=[f"v{row % 40}" for row in range(160)])
    with pytest.raises(ValueError, match=r"column: patient.*column: visit"):
        infer_validation("binary", crossed, test, ())


def test_an_ambiguity_stops_and_says_what_to_write(tmp_path: Path) -> None:
    train = pd.DataFrame(
        {"id": range(100), "day": dated(100), "shop": [f"s{row % 25}" for row in range(100)], "y": [row % 2 for row in range(100)]}
    )
    test = pd.DataFrame({"id": range(100, 140), "day": dated(40, 100), "shop": [f"t{row % 10}" for row in range(40)]})
    train.to_csv(tmp_path / "train.csv", index=False)
    test.to_csv(tmp_path / "test.csv", index=False)
    test[["id"]].assign(y=0).to_csv(tmp_path / "sample_submission.csv", index=False)
    with pytest.raises(Ambiguity, match=r"validation.*more than one rule.*split: time.*split: grouped.* — write the one"):
        load_competition(tmp_path)
    (tmp_path / "competition.yaml").write_text("validation: {split: grouped, column: shop}\n")
    assert load_competition(tmp_path).validation.column == "shop"
    train.assign(z=train["y"]).rename(columns={"y": "x"}).to_csv(tmp_path / "train.csv", index=False)
    with pytest.raises(Ambiguity, match=r"target_columns.*any of \['x', 'z'\] may be meant.* — name one"):
        load_competition(tmp_path)
