"""The declared storage: the same for a folder and for an object store (fsspec's, in memory)."""

import contextlib
import re
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from flows.exchange import Order, digest_of
from flows.storage import Storage, StorageError, pack, unpack


@pytest.fixture(params=["folder", "file", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    urls = {"folder": str(tmp_path / "shared"), "file": f"file://{tmp_path}/shared", "memory": f"memory://{tmp_path.name}"}
    yield Storage(urls[request.param])
    if request.param == "memory":
        fsspec.filesystem("memory").rm(f"/{tmp_path.name}", recursive=True)


def test_what_is_written_is_read(storage: Storage) -> None:
    assert storage.read("a/b.json") is None
    assert not storage.exists("a/b.json")
    storage.write("a/b.json", b"one")
    storage.write("a/b.json", b"two")
    assert storage.read("a/b.json") == b"two"
    assert storage.names("a") == ["b.json"]
    assert storage.names("nowhere") == []
    storage.remove("a")
    storage.remove("a")
    assert not storage.exists("a/b.json")


def test_a_folder_is_removed_while_somebody_still_writes_there(tmp_path: Path) -> None:
    storage, ended = Storage(str(tmp_path)), threading.Event()

    def write() -> None:
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            with contextlib.suppress(StorageError):  # its folder was removed under it
                storage.write(f"run/beats/{time.monotonic_ns()}", b"one")
        ended.set()

    with ThreadPoolExecutor(3) as threads:
        writers = [threads.submit(write) for _ in range(2)]
        while not ended.is_set():
            storage.remove("run")
        for writer in writers:
            writer.result()
    storage.remove("run")
    assert not storage.exists("run")


def test_one_makes_it(storage: Storage) -> None:
    assert storage.create("claims/1", b"me")
    assert not storage.create("claims/1", b"you")
    assert storage.read("claims/1") == b"me"


def test_of_many_at_once_one_makes_it(tmp_path: Path) -> None:
    storages = [Storage(str(tmp_path)) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        for number in range(30):
            made = list(threads.map(lambda storage, name=f"claims/{number}": storage.create(name, b"me"), storages))
            assert made.count(True) == 1


def test_files_travel(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"\x00\xff" * 1000)
    storage.put(tmp_path / "source", "files/x.bin")
    storage.get("files/x.bin", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == (tmp_path / "source").read_bytes()
    with pytest.raises(StorageError, match="nothing"):
        storage.get("files/nothing", tmp_path / "target")


def test_two_machines_know_the_same_storage(storage: Storage) -> None:
    assert storage.identity() == Storage(storage.url).identity() != ""


def test_an_unknown_protocol_is_one_clear_error() -> None:
    with pytest.raises(StorageError, match="--storage: 'nonsense://x'"):
        Storage("nonsense://x")


def test_a_view_is_packed_and_unpacked_as_it_was(tmp_path: Path) -> None:
    view = tmp_path / "view"
    (view / "images").mkdir(parents=True)
    (view / "train.csv").write_text("id\n1\n")
    (view / "images" / "1.txt").write_text("pixels")
    (view / "linked.csv").symlink_to(view / "train.csv")  # views may share files
    pack(view, tmp_path / "view.tar")
    unpack(tmp_path / "view.tar", tmp_path / "there")
    unpack(tmp_path / "view.tar", tmp_path / "there")
    files = sorted(path for path in (tmp_path / "there").rglob("*") if path.is_file())
    assert [path.relative_to(tmp_path / "there").as_posix() for path in files] == ["images/1.txt", "linked.csv", "train.csv"]
    assert not any(path.is_symlink() or path.stat().st_mode & 0o222 for path in files)
    assert digest_of(tmp_path / "there", files) == digest_of(view, sorted(path for path in view.rglob("*") if path.is_file()))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../out.txt", tarfile.REGTYPE), ("/out.txt", tarfile.REGTYPE), ("link", tarfile.SYMTYPE), ("pipe", tarfile.FIFOTYPE)],
)
def test_a_tar_with_anything_but_files_and_folders_below_is_refused_whole(tmp_path: Path, name: str, kind: bytes) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as packed:
        packed.addfile(tarfile.TarInfo("good.txt"))
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        packed.addfile(member)
    with pytest.raises(tarfile.TarError, match=re.escape(name)):
        unpack(tmp_path / "bad.tar", tmp_path / "deep" / "there")
    assert list((tmp_path / "deep").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.tar", "deep"]


def test_a_job_is_known_by_what_it_does_not_by_its_title() -> None:
    def order(**changes: object) -> Order:
        limits = {"seconds": 1.0, "memory": 1, "log": 1, "output": 1, "disk": 1, "processes": 1, "grace": 1.0}
        job = {"title": "a", "code": "pass", "view": "1", **limits, "threads": 1, "gpu": None, "seed": 0, "collect": ("submission.csv",)}
        return Order.model_validate({**job, **changes})

    assert order().id == order(title="b").id
    assert len({order().id, order(code="x").id, order(view="2").id, order(seed=1).id, order(threads=2).id}) == 5
