from pathlib import Path

from evaluation import Store, store_key
from journal import FoldResult, Status

RESULT = FoldResult(fold=1, status=Status.OK, score=0.5, seconds=3.0)


def put(store: Store, folder: Path, key: str = "a" * 64) -> None:
    file = folder / "predictions.parquet"
    file.write_bytes(b"data")
    store.put(key, RESULT, [file])


def test_what_was_put_comes_back_with_its_files(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    put(store, tmp_path)
    assert store.get("a" * 64, tmp_path / "target") == RESULT.model_copy(update={"stored": True})
    assert (tmp_path / "target" / "predictions.parquet").read_bytes() == b"data"


def test_what_is_not_there_or_damaged_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert store.get("a" * 64, tmp_path / "target") is None
    put(store, tmp_path)
    next((tmp_path / "store").rglob("result.json")).write_text("{")
    assert store.get("a" * 64, tmp_path / "target") is None


def test_an_entry_is_never_half_there(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.put("a" * 64, RESULT, [tmp_path / "missing.parquet"])
    assert store.get("a" * 64, tmp_path / "target") is None
    assert not [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


def test_the_key_is_the_solution_the_view_the_seed_and_the_environment() -> None:
    keys = {
        store_key("a", "v", 0, "e"),
        store_key("b", "v", 0, "e"),
        store_key("a", "w", 0, "e"),
        store_key("a", "v", 1, "e"),
        store_key("a", "v", 0, "f"),
    }
    assert len(keys) == 5
