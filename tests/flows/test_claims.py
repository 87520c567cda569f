"""Which job a worker takes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.claims import Claims
from flows.exchange import Lease, Order, Places
from flows.storage import Storage

PLACES = Places("toy.r1")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "shared"))


def order(code: str) -> Order:
    limits = {"seconds": 1.0, "memory": 1, "log": 1, "output": 1, "disk": 1, "processes": 1, "grace": 1.0}
    return Order(title=code, code=code, view="0", threads=1, gpu=None, seed=0, collect=(), **limits)


def beat(storage: Storage, number: int, *orders: Order, environment: str = "here") -> None:
    """The run lives, and wants these jobs."""
    for each in orders:
        storage.write(PLACES.job(each.id), each.model_dump_json().encode())
    lease = Lease(beat=number, owner="o", environment=environment, jobs=tuple((each.id, 1) for each in orders))
    storage.write(PLACES.lease, lease.model_dump_json().encode())


def test_each_job_is_had_by_one_worker(storage: Storage) -> None:
    jobs = [order(f"print({number})") for number in range(6)]
    claims = [Claims(storage, "here", f"worker {number}") for number in range(3)]
    beat(storage, 0, *jobs)
    assert [each.find() for each in claims] == [None] * 3, "nobody has seen the run beat"
    beat(storage, 1, *jobs)
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda number: claims[number % 3].find(), range(9)))
    assert sorted(claimed.order.id for claimed in found if claimed) == sorted(each.id for each in jobs)
    assert found.count(None) == 3
    assert storage.names(PLACES.claims) == sorted(f"{each.id}.1" for each in jobs)


def test_a_bell_is_believed_before_the_run_is_seen_to_beat(storage: Storage) -> None:
    first, second = order("print(1)"), order("print(2)")
    beat(storage, 0, first, second)
    claimed = Claims(storage, "here", "worker").take("toy.r1", second.id)
    assert claimed is not None
    assert (claimed.order, claimed.attempt) == (second, 1)


def test_a_worker_with_other_packages_takes_nothing(storage: Storage) -> None:
    job = order("print(1)")
    beat(storage, 0, job, environment="elsewhere")
    assert Claims(storage, "here", "worker").take("toy.r1", job.id) is None
    assert Claims(storage, "here", "worker").take("toy.r2", job.id) is None, "a run that has cleared up"
