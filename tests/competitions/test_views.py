import csv
import inspect
import os
import re
import stat
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competitions import Competition, Views, load_competition, number_of_folds, read_table, read_tables, records, rows, tables

Folder = Callable[..., Path]


def cells(path: Path) -> pd.DataFrame:
    return read_table(path)[0]


def test_no_view_holds_a_held_out_row_in_train_or_a_train_only_column_in_test(example: Competition, tmp_path: Path) -> None:
    views, given_tables = Views(example, tmp_path), read_tables(example)
    for fold in range(views.folds):
        view = views.view("full", fold)
        train, test = cells(view.folder / "train.csv"), cells(view.folder / "test.csv")
        held = view.held_out[view.held_out >= 0]
        held_ids = given_tables.train["id"].iloc[held]
        assert set(train["id"]).isdisjoint(held_ids)
        assert len(train) + len(held) == len(given_tables.train)
        assert test.columns.tolist() == given_tables.test.columns.tolist()
        assert example.target not in test.columns
        assert test["id"][view.held_out >= 0].tolist() == held_ids.tolist()
        assert (cells(view.folder / "sample_submission.csv").drop(columns="id").nunique() == 1).all()


def test_the_folds_partition_the_rows_and_each_has_all_real_test_rows(example: Competition, tmp_path: Path) -> None:
    views = Views(example, tmp_path)
    seen: list[int] = []
    for fold in range(views.folds):
        view = views.view("full", fold)
        seen += view.held_out[view.held_out >= 0].tolist()
        assert sorted(view.test[view.test >= 0]) == list(range(len(read_tables(example).test)))
        assert ((view.test >= 0) != (view.held_out >= 0)).all()
        assert not view.held_out.is_monotonic_increasing
    assert sorted(seen) == list(range(len(views.answers())))


def test_all_views_have_the_same_files_with_the_same_face(example: Competition, tmp_path: Path) -> None:
    views = Views(example, tmp_path)
    for fold in (None, 0, 1):
        folder = views.view("search", fold).folder
        assert {path.name for path in folder.iterdir()} == {path.name for path in example.folder.iterdir()}
        assert (folder / "description.md").read_bytes() == (example.folder / "description.md").read_bytes()
        for name in ("train.csv", "test.csv", "sample_submission.csv"):
            (ours, face), (given_table, given_face) = read_table(folder / name), read_table(example.folder / name)
            assert (ours.columns.tolist(), face) == (given_table.columns.tolist(), given_face)


def test_the_final_view_has_all_of_train_and_the_very_test_file(example: Competition, tmp_path: Path) -> None:
    view = Views(example, tmp_path).view("full", None)
    for name in ("train.csv", "test.csv"):
        assert (view.folder / name).read_bytes() == (example.folder / name).read_bytes()
    assert (view.held_out == -1).all()
    assert view.test.tolist() == list(range(len(view.ids)))


def test_a_view_is_built_once_read_only_and_the_same_everywhere(example: Competition, tmp_path: Path) -> None:
    first, second = Views(example, tmp_path / "a"), Views(example, tmp_path / "a")
    view = first.view("full", 0)
    stamp = (view.folder / "train.csv").stat().st_mtime_ns
    again, elsewhere = second.view("full", 0), Views(example, tmp_path / "b").view("full", 0)
    assert (again.folder, (again.folder / "train.csv").stat().st_mtime_ns) == (view.folder, stamp)
    assert again.fingerprint == elsewhere.fingerprint == view.fingerprint != first.view("full", 1).fingerprint
    assert again.held_out.equals(view.held_out)
    assert again.ids.equals(view.ids)
    assert all(not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) for path in view.folder.iterdir())
    assert os.access(example.folder / "description.md", os.W_OK)


def test_two_builders_at_once_leave_one_view_and_no_debris(example: Competition, tmp_path: Path) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(Views(example, tmp_path).view("full", 0))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({view.folder for view in found}) == len({view.fingerprint for view in found}) == 1
    assert not list(tmp_path.glob(".partial-*"))


def test_changed_data_make_another_view(folder_of: Folder, tmp_path: Path) -> None:
    folder = folder_of()
    before = Views(load_competition(folder), tmp_path / "cache").view("full", 0)
    (folder / "train.csv").write_text((folder / "train.csv").read_text().replace("0,0,u,0", "0,9,u,0"))
    after = Views(load_competition(folder), tmp_path / "cache").view("full", 0)
    assert before.folder != after.folder
    assert before.fingerprint != after.fingerprint


def test_smoke_and_search_keep_a_row_in_its_fold_and_every_class(folder_of: Folder, tmp_path: Path) -> None:
    labels = ["0"] * 3000 + ["1"] * 2995 + ["2"] * 5
    train = "id,a,b,y\n" + "".join(f"{i},{i},u,{label}\n" for i, label in enumerate(labels))
    test = "id,a,b\n" + "".join(f"{i},{i},u\n" for i in range(6000, 7000))
    sample = "id,y\n" + "".join(f"{i},0\n" for i in range(6000, 7000))
    competition = load_competition(folder_of(train__csv=train, test__csv=test, sample_submission__csv=sample))
    views = Views(competition, tmp_path / "cache", search_rows=2000)
    full, search, smoke = (views.assignment(fidelity) for fidelity in ("full", "search", "smoke"))
    for assignment, most in ((search, 2000), (smoke, 500)):
        kept = assignment >= 0
        assert (assignment[kept] == full[kept]).all()
        assert most - 20 <= kept.sum() <= most
        assert set(views.answers()[kept]) == {"0", "1", "2"}
        assert abs((assignment == 0).sum() - kept.sum() / views.folds) < 5
    assert set(np.flatnonzero(smoke >= 0)) <= set(np.flatnonzero(search >= 0))
    assert (views.view("smoke", 0).test >= 0).sum() == 500
    assert (views.view("search", 0).test >= 0).sum() == 1000
    assert len(cells(views.view("search", None).folder / "train.csv")) == (search >= 0).sum()


def test_ids_that_restart_are_renumbered_for_held_out_rows(folder_of: Folder, tmp_path: Path) -> None:
    restarted = "".join(f"{i},{{}}\n" for i in range(10))
    files = {"test__csv": "id,a,b\n" + restarted.replace("{}", "1,u"), "sample_submission__csv": "id,y\n" + restarted.replace("{}", "0")}
    competition = load_competition(folder_of(**files))
    views = Views(competition, tmp_path / "cache", folds=2)
    for fold in (0, 1):
        view = views.view("full", fold)
        assert sorted(view.test[view.test >= 0]) == list(range(10))
        assert view.ids["id"].is_unique
        assert set(view.ids["id"][view.test >= 0]) == {str(i) for i in range(10)}
        assert [int(one) - position for one, position in zip(view.ids["id"], view.held_out, strict=True) if position >= 0] == [40] * 20
        assert read_table(view.folder / "test.csv")[0]["id"].tolist() == view.ids["id"].tolist()
        assert set(read_table(view.folder / "train.csv")[0]["id"]) <= {str(i) for i in range(40)}
    (competition.folder / "events.csv").write_text("id,event\n1,left\n")  # refers to rows by id
    view = Views(load_competition(competition.folder), tmp_path / "cache", folds=2).view("full", 0)
    assert (view.test == -1).all()


def test_overlapping_ids_and_huge_tests_do_not_travel(folder_of: Folder, tmp_path: Path) -> None:
    restarted = "".join(f"r{i},{{}}\n" for i in range(10))
    folder = folder_of(
        train__csv="id,a,b,y\n" + "".join(f"r{i},{i},u,{i % 2}\n" for i in range(40)),
        test__csv="id,a,b\n" + restarted.replace("{}", "1,u"),
        sample_submission__csv="id,y\n" + restarted.replace("{}", "0"),
    )
    view = Views(load_competition(folder), tmp_path / "cache").view("full", 0)
    assert (view.test == -1).all()
    assert (view.held_out >= 0).all()


@pytest.mark.parametrize(("search_rows", "travel"), [(9, False), (10, True)])
def test_more_test_rows_than_a_subsample_has_do_not_travel_with_it(
    folder_of: Folder, tmp_path: Path, search_rows: int, travel: bool
) -> None:
    views = Views(load_competition(folder_of()), tmp_path / "cache", folds=2, search_rows=search_rows)
    assert views.travelling("search") == (tuple(range(10)) if travel else ())
    assert (views.view("search", 0).test >= 0).any() == travel
    assert len(views.view("search", None).ids) == 10
    assert views.travelling("full") == tuple(range(10))


def test_without_ids_the_rows_are_mixed_all_the_same(folder_of: Folder, tmp_path: Path) -> None:
    view = Views(load_competition(folder_of(sample_submission__csv="y\n" + "0\n" * 10)), tmp_path / "cache").view("full", 0)
    assert view.ids.shape == (18, 0)
    assert (view.test >= 0).sum() == 10
    assert cells(view.folder / "sample_submission.csv").to_numpy().tolist() == [["0"]] * 18


def test_ids_that_train_lacks_are_invented_apart_from_the_given_ones(folder_of: Folder, tmp_path: Path) -> None:
    train = "a,b,y\n" + "".join(f"{i},u,{i % 2}\n" for i in range(40))
    view = Views(load_competition(folder_of(train__csv=train)), tmp_path / "cache").view("full", 0)
    assert view.ids["id"].is_unique
    assert len(view.ids) == 18
    assert set(view.ids["id"][view.test >= 0]) == {str(i) for i in range(40, 50)}


def test_one_holdout_is_a_fifth_and_the_rest_is_never_held_out(example: Competition, tmp_path: Path) -> None:
    views = Views(example, tmp_path, folds=1)
    assignment = views.assignment("full")
    assert views.folds == 1
    assert (assignment == 0).mean() == pytest.approx(0.2, abs=0.01)
    with pytest.raises(ValueError, match=r"fold 1 is none of 0\.\.0"):
        views.view("full", 1)


def test_the_number_of_folds_follows_the_size_of_the_data() -> None:
    shapes = [(1000, 10), (150_000, 10), (150_001, 10), (1_500_000, 10), (1_500_001, 10)]
    assert [number_of_folds(pd.DataFrame(index=range(n), columns=range(k), dtype="int8")) for n, k in shapes] == [5, 5, 3, 3, 1]


def test_stratified_folds_have_equal_class_shares_and_rare_classes_no_warning(folder_of: Folder, tmp_path: Path) -> None:
    train = "id,a,b,y\n" + "".join(f"{i},{i},u,{'rare' if i in (3, 7) else 'pq'[i % 2]}\n" for i in range(100))
    sample = "id,y\n" + "".join(f"{i},p\n" for i in range(40, 50))
    competition = load_competition(folder_of(train__csv=train, sample_submission__csv=sample))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        views = Views(competition, tmp_path / "cache")
    table = pd.crosstab(views.assignment("full"), views.answers())
    assert table["p"].max() - table["p"].min() <= 1
    assert table["rare"].sum() == 2


def test_grouped_folds_never_split_a_group(folder_of: Folder, tmp_path: Path) -> None:
    train = "id,a,b,y\n" + "".join(f"{i},{i // 5},u,{i % 2}\n" for i in range(100))
    folder = folder_of(train__csv=train, competition__yaml="validation: {split: grouped, column: a, folds: 4}\n")
    views = Views(load_competition(folder), tmp_path / "cache")
    groups = read_tables(views.competition).train["a"]
    assert pd.Series(views.assignment("full")).groupby(groups.to_numpy()).nunique().max() == 1
    assert sorted(set(views.assignment("full"))) == [0, 1, 2, 3]


def test_time_folds_are_the_last_blocks_in_order(folder_of: Folder, tmp_path: Path) -> None:
    days = np.random.default_rng(0).permutation(100)
    train = "id,a,b,y\n" + "".join(f"{i},2020-{day // 28 + 1:02}-{day % 28 + 1:02},u,{i % 2}\n" for i, day in enumerate(days))
    folder = folder_of(train__csv=train, competition__yaml="validation: {split: time, column: a, folds: 4}\n")
    assignment = Views(load_competition(folder), tmp_path / "cache").assignment("full")
    spans = {fold: (days[assignment == fold].min(), days[assignment == fold].max()) for fold in range(4)}
    earliest = days[assignment == 4]
    assert earliest.max() < spans[0][0]
    assert all(spans[fold][1] < spans[fold + 1][0] for fold in range(3))
    assert [(assignment == fold).sum() for fold in range(5)] == [20] * 5


def test_time_folds_exist_even_where_one_moment_has_most_rows(folder_of: Folder, tmp_path: Path) -> None:
    train = "id,a,b,y\n" + "".join(f"{i},{max(0, i - 80)},u,{i % 2}\n" for i in range(100))
    folder = folder_of(train__csv=train, competition__yaml="validation: {split: time, column: a, folds: 3}\n")
    assignment = Views(load_competition(folder), tmp_path / "cache").assignment("full")
    assert set(assignment[:81]) == {3}
    assert [(assignment == fold).sum() for fold in range(3)] == [5, 5, 5]


def test_too_many_folds_are_refused(folder_of: Folder, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="40 rows, too few for 30 parts — choose fewer folds"):
        Views(load_competition(folder_of()), tmp_path, folds=30)


ODD = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    st.sampled_from(["007", " x ", '"', 'a"b', "a,b", "a\nb", "a\r\nb", "NA", "1.0", "", "é", "日本"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=st.lists(st.tuples(ODD, ODD), min_size=30, max_size=30), seed=st.integers(0, 5))
def test_odd_cells_go_through_views_unaltered(tmp_path_factory: pytest.TempPathFactory, odd: list[tuple[str, str]], seed: int) -> None:
    folder = tmp_path_factory.mktemp("odd")
    everything = [[f"0{i}", *pair] for i, pair in enumerate(odd)]
    for name, header, lines in (
        ("train.csv", ["id", "a", "b", "y"], [[*line, str(i % 2)] for i, line in enumerate(everything[:20])]),
        ("test.csv", ["id", "a", "b"], everything[20:]),
        ("sample_submission.csv", ["id", "y"], [[line[0], "0"] for line in everything[20:]]),
    ):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *lines])
    views = Views(load_competition(folder), folder / "cache", seed=seed, folds=2)
    by_id = {line[0]: line for line in everything}
    for fold in (0, 1, None):
        view = views.view("full", fold)
        for name in ("train.csv", "test.csv"):
            for line in cells(view.folder / name)[["id", "a", "b"]].to_numpy().tolist():
                assert line == by_id[line[0]]


def test_the_row_work_stands_alone_and_makes_the_same_files(example: Competition, tmp_path: Path) -> None:
    views = Views(example, tmp_path / "cache", seed=3)
    alone: dict[str, object] = {}
    for module in (records, tables, rows):
        source = re.sub(r"^from competitions\.(parquet|records) import .*\n", "", inspect.getsource(module), flags=re.MULTILINE)
        assert "competitions" not in source
        exec(compile(source, module.__name__, "exec"), alone)
    script = """
train, train_face = read_table(source / "train.csv")
test, test_face = read_table(source / "test.csv")
sample, sample_face = read_table(source / "sample_submission.csv")
cut = fold_rows(train, test, assignment=assignment, fold=1, travelling=range(len(test)), id_columns=("id",), seed=3)
write_table(cut.train, target / "train.csv", train_face)
write_table(cut.test, target / "test.csv", test_face)
write_table(sample_rows(sample, cut.test, ("id",)), target / "sample_submission.csv", sample_face)
"""
    (tmp_path / "alone").mkdir()
    alone |= {"source": example.folder, "target": tmp_path / "alone", "assignment": views.assignment("full").tolist()}
    exec(script, alone)
    view = views.view("full", 1)
    for name in ("train.csv", "test.csv", "sample_submission.csv"):
        assert (tmp_path / "alone" / name).read_bytes() == (view.folder / name).read_bytes()


def test_the_shuffle_is_frozen() -> None:
    assert rows.shuffled(8, "0:1") == FROZEN


FROZEN = [3, 0, 4, 1, 2, 5, 7, 6]


def test_columns_that_only_train_has_stay_out_of_every_test_file(development: Path, tmp_path: Path) -> None:
    view = Views(load_competition(development / "bike-sharing-demand"), tmp_path).view("full", 0)
    assert {"casual", "registered", "count"} <= set(cells(view.folder / "train.csv").columns)
    assert {"casual", "registered", "count"}.isdisjoint(cells(view.folder / "test.csv").columns)


def test_zipped_tables_stay_zipped_in_every_view(development: Path, tmp_path: Path) -> None:
    competition = load_competition(development / "movie-review-sentiment-analysis-kernels-only")
    view = Views(competition, tmp_path, search_rows=2_000).view("smoke", 0)
    frame, face = read_table(view.folder / "train.tsv.zip")
    assert (face.delimiter, face.member) == ("\t", read_table(competition.folder / "train.tsv.zip")[1].member)
    assert 300 < len(frame) <= 400
    assert "Sentiment" not in cells(view.folder / "test.tsv.zip").columns
