"""The `workers` runner under the conformance suite, with a real server and a real worker; and what only it has to do."""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from flows.connect import connect
from flows.exchange import ABANDONED_SECONDS
from flows.workers import WorkersRunner
from journal import Status
from sandbox import InfrastructureError, Job, Limits
from tests.flows.processes import Processes, fresh_environment, left_over, wait_until
from tests.sandbox.conformance import HostileScripts, RunnerConformance, plant_weights

pytestmark = pytest.mark.slow


@dataclass
class Fleet:
    """A server, a storage, and workers on it."""

    folder: Path
    processes: Processes
    environment: dict[str, str]
    api: str
    storage: Path

    def worker(self, name: str, *options: str) -> int:
        """Another worker, with a home, a cache and temporary files of its own."""
        mine = fresh_environment(self.folder / name) | {"PREFECT_API_URL": self.api, "TMPDIR": str(self.folder / name)}
        mine |= plant_weights(self.weights(name))
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        return self.processes.worker(mine, self.storage, *options)

    def temporary(self, name: str) -> str:
        return str(self.folder / name)

    def weights(self, name: str) -> Path:
        return self.folder / f"weights-of-{name}"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    processes = Processes(folder / "logs")
    environment = fresh_environment(folder)
    try:
        api = processes.server(environment)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PREFECT_API_URL", api)
            patch.setenv("PREFECT_HOME", environment["PREFECT_HOME"])
            from prefect.settings import PREFECT_API_URL, temporary_settings

            with temporary_settings({PREFECT_API_URL: api}):
                yield Fleet(folder, processes, environment, api, folder / "storage")
    finally:
        processes.stop_all()


@pytest.fixture(scope="class")
def workers(fleet: Fleet) -> Iterator[None]:
    pid = fleet.worker("first", "--slots", "4")
    yield
    fleet.processes.stop(pid)


class Connected:
    @pytest.fixture
    def runner(self, fleet: Fleet, workers: None, tmp_path: Path) -> Iterator[WorkersRunner]:
        runner = connect(str(fleet.storage), tmp_path.name, wait=180)
        yield runner
        runner.close(finished=True)


class TestConformance(Connected, RunnerConformance, HostileScripts):
    @pytest.fixture
    def weights(self, fleet: Fleet) -> Path:
        return fleet.weights("first")

    async def test_the_run_may_be_taken_up_again_and_finds_what_was_done(self, runner: WorkersRunner, fleet: Fleet, tmp_path: Path) -> None:
        (tmp_path / "view").mkdir()
        job = Job("import time; open('submission.csv', 'w').write(str(time.time()))", tmp_path / "view", tmp_path / "output")
        first = (await runner.execute(job)).files["submission.csv"].read_text()
        again = connect(str(fleet.storage), tmp_path.name, wait=180)
        assert (await again.execute(job)).files["submission.csv"].read_text() == first
        again.close()
        runner.close(finished=True)
        anew = connect(str(fleet.storage), tmp_path.name, wait=180)
        assert (await anew.execute(job)).files["submission.csv"].read_text() != first
        anew.close(finished=True)

    async def test_a_view_is_fetched_once(self, runner: WorkersRunner, fleet: Fleet, tmp_path: Path) -> None:
        view = tmp_path / "view"
        view.mkdir()
        (view / "train.csv").write_text(str(tmp_path))
        codes = [f"open('submission.csv', 'w').write(open('input/train.csv').read() + '{number}')" for number in range(3)]
        results = await asyncio.gather(*(runner.execute(Job(code, view, tmp_path / str(number))) for number, code in enumerate(codes)))
        assert [result.files["submission.csv"].read_text() for result in results] == [f"{tmp_path}{number}" for number in range(3)]
        fetched = [path for path in (fleet.folder / "first" / "cache" / "fetched").glob("*/train.csv") if path.read_text() == str(tmp_path)]
        assert len(fetched) == 1
        assert [path for path in (fleet.storage / "views").iterdir() if str(tmp_path).encode() in path.read_bytes()] != []


def test_without_a_worker_it_says_what_to_start(fleet: Fleet, tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match=f"mlestar worker --storage {tmp_path}"):
        connect(str(tmp_path), "nobody", wait=1)


SLEEPS = "import time; time.sleep({seconds}); open('submission.csv', 'w').write('{mark}')"


class TestLosses:
    async def test_a_worker_that_is_killed_costs_its_attempt_only(self, fleet: Fleet, tmp_path: Path) -> None:
        (tmp_path / "view").mkdir()
        pids = [fleet.worker(name) for name in ("doomed", "other")]
        runner = connect(str(fleet.storage), tmp_path.name, wait=180)
        wait_until(lambda: len(list((fleet.folder / "doomed").iterdir())) > 0, 20)
        work = [
            asyncio.ensure_future(runner.execute(Job(SLEEPS.format(seconds=3, mark=mark), tmp_path / "view", tmp_path / mark)))
            for mark in ("one", "two", "three", "four")
        ]
        claims = fleet.storage / "runs" / tmp_path.name / "claims"
        while not claims.is_dir() or len(list(claims.iterdir())) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        fleet.processes.stop(pids[0], signal.SIGKILL)
        results = await asyncio.gather(*work)
        assert [result.files["submission.csv"].read_text() for result in results] == ["one", "two", "three", "four"]
        assert len(list(claims.iterdir())) == 5
        assert left_over(fleet.temporary("doomed")) == []
        runner.close(finished=True)
        fleet.processes.stop(pids[1])

    async def test_a_worker_that_is_told_to_stop_gives_its_job_back_at_once(self, fleet: Fleet, tmp_path: Path) -> None:
        (tmp_path / "view").mkdir()
        leaving = fleet.worker("leaving")
        runner = connect(str(fleet.storage), tmp_path.name, wait=180)
        work = asyncio.ensure_future(runner.execute(Job(SLEEPS.format(seconds=4, mark="done"), tmp_path / "view", tmp_path / "output")))
        claims = fleet.storage / "runs" / tmp_path.name / "claims"
        while not claims.is_dir() or not list(claims.iterdir()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        await asyncio.to_thread(fleet.processes.stop, leaving)
        assert left_over(fleet.temporary("leaving")) == []
        (beat,) = (claims.parent / "beats").iterdir()
        assert b'"gone":true' in beat.read_bytes()
        pid = fleet.worker("coming")
        result = await work
        assert result.status is Status.OK
        assert sorted(path.suffix for path in claims.iterdir()) == [".0", ".1"]
        runner.close(finished=True)
        fleet.processes.stop(pid)

    async def test_a_script_whose_run_is_gone_is_ended(self, fleet: Fleet, tmp_path: Path) -> None:
        (tmp_path / "view").mkdir()
        pid = fleet.worker("deserted")
        runner = connect(str(fleet.storage), tmp_path.name, wait=180)
        code = f"import time\nMARK = {str(tmp_path)!r}\ntime.sleep(300)"
        work = asyncio.ensure_future(runner.execute(Job(code, tmp_path / "view", tmp_path / "output", Limits(seconds=300))))
        beats = fleet.storage / "runs" / tmp_path.name / "beats"
        while not beats.is_dir() or not list(beats.iterdir()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        runner.close()  # as if the process were gone: no more beats
        (beat,) = beats.iterdir()
        await asyncio.to_thread(wait_until, lambda: b'"gone":true' in beat.read_bytes(), ABANDONED_SECONDS + 5)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        fleet.processes.stop(pid)

    async def test_a_place_in_a_limit_is_held_while_a_script_runs_and_not_longer(self, fleet: Fleet, tmp_path: Path) -> None:
        (tmp_path / "view").mkdir()
        url = f"{fleet.api}/v2/concurrency_limits/"
        made = await asyncio.to_thread(httpx.post, url, json={"name": "one-gpu", "limit": 1})
        assert made.status_code == httpx.codes.CREATED
        pid = fleet.worker("limited", "--slots", "2", "--limit", "one-gpu")
        runner = connect(str(fleet.storage), tmp_path.name, wait=180)
        code = "import time; a = time.monotonic(); time.sleep(1); open('submission.csv', 'w').write(f'{a} {time.monotonic()}')  # "
        jobs = [Job(code + name, tmp_path / "view", tmp_path / name) for name in ("a", "b")]
        results = await asyncio.gather(*(runner.execute(job) for job in jobs))
        times = sorted([float(word) for word in result.files["submission.csv"].read_text().split()] for result in results)
        assert times[0][1] <= times[1][0]

        def free() -> bool:
            return httpx.get(f"{url}one-gpu").json()["active_slots"] == 0

        await asyncio.to_thread(wait_until, free, 10)
        runner.close(finished=True)
        fleet.processes.stop(pid)
