import os
import time
from pathlib import Path

import pytest

from evaluation import Store, store_key
from evaluation.cache import clear, entries, prune, room_for_results, size
from journal import FoldResult, Status

DAY = 86400.0


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Three results of 1000 bytes and more, used one, two and three days ago, and two views that share a file of 5000."""
    store = Store(tmp_path / "results")
    for age in (1, 2, 3):
        file = tmp_path / "predictions.parquet"
        file.write_bytes(bytes(1000))
        key = store_key(str(age), "", 0, "")
        store.put(key, FoldResult(fold=0, status=Status.OK, score=float(age)), [file])
        age_by(tmp_path / "results" / key[:2] / key[2:], age * DAY)
    for name in ("one", "two"):
        (tmp_path / "views" / name / "input").mkdir(parents=True)
    (tmp_path / "views" / "one" / "input" / "train.csv").write_bytes(bytes(5000))
    os.link(tmp_path / "views" / "one" / "input" / "train.csv", tmp_path / "views" / "two" / "input" / "train.csv")
    age_by(tmp_path / "views" / "one", 10 * DAY)
    age_by(tmp_path / "views" / "two", 9 * DAY)
    (tmp_path / "views" / "one" / "input").chmod(0o555)
    return tmp_path


def age_by(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    for found in (path, *path.rglob("*")):
        os.utime(found, (then, then))


def test_what_is_there_is_told_with_its_size_and_shared_files_count_once(cache: Path) -> None:
    found = entries(cache)
    assert [entry.kind for entry in found] == ["views", "views", "results", "results", "results"]
    assert size(entries(cache, "views")) == 5000
    assert 3000 < size(entries(cache, "results")) < 6000


def test_what_was_used_longest_ago_goes_first_and_no_more_than_need_be(cache: Path) -> None:
    results = size(entries(cache, "results"))
    removed = prune(cache, results, time.time())
    assert [entry.path.name for entry in removed] == ["one", "two"]  # the first alone would free nothing
    assert size(entries(cache)) == results
    assert list((cache / "views").iterdir()) == []
    assert prune(cache, results, time.time()) == []
    one = size(entries(cache)[2:])
    assert len(prune(cache, one, time.time(), "results")) == 2
    key = store_key("1", "", 0, "")
    kept = Store(cache / "results").get(key, cache / "target")
    assert kept is not None and kept.score == 1.0


def test_a_result_that_is_read_counts_as_used(cache: Path) -> None:
    key = store_key("3", "", 0, "")
    assert Store(cache / "results").get(key, cache / "target") is not None
    prune(cache, 0, time.time())
    assert [entry.path.name for entry in entries(cache, "results")] == [key[2:]]


def test_clearing_removes_what_is_in_use_too(cache: Path) -> None:
    age_by(cache, 0)
    assert prune(cache, 0, time.time()) == []
    assert len(clear(cache)) == 5
    assert [path for path in cache.rglob("*") if path.is_file() and path.parent != cache] == []
    assert clear(cache / "nowhere") == []


def test_the_room_for_results_can_be_set() -> None:
    assert room_for_results({"MLESTAR_CACHE_BYTES": "7"}) == 7
    assert room_for_results({}) > 2**30
    with pytest.raises(ValueError, match=r"MLESTAR_CACHE_BYTES: '7GB'"):
        room_for_results({"MLESTAR_CACHE_BYTES": "7GB"})
