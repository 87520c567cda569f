import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journal import Status
from sandbox import InfrastructureError, Job, LocalRunner
from tests.sandbox.conformance import LIMITS, Bench, Benched, HostileScripts, RunnerConformance, left_over

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def runner() -> LocalRunner:
    return LocalRunner()


class TestConformance(RunnerConformance):
    pass


class TestHostileScripts(HostileScripts):
    pass


class TestLocal(Benched):
    @pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
    async def test_opened_files_are_observed(self, bench: Bench) -> None:
        result = await bench.run("open('input/train.csv').close(); open('input/images/3.txt').close()")
        assert result.files_opened == ("images/3.txt", "train.csv")
        assert (await bench.run("pass")).files_opened == ()

    async def test_a_native_reader_is_observed(self, bench: Bench) -> None:
        code = """
            import lightgbm
            data = lightgbm.Dataset("input/train.csv", params={"header": True, "verbose": -1, "min_data_in_leaf": 1, "min_data_in_bin": 1})
            data.construct()
        """
        result = await bench.run(code, memory=2**30)
        assert result.status is Status.OK, result.log
        assert result.files_opened in (("train.csv",), None)

    async def test_joblib_and_multiprocessing_work_and_leave_nothing(self, bench: Bench) -> None:
        result = await bench.run(
            """
            import multiprocessing, os
            import joblib
            import numpy
            if __name__ == "__main__":
                sums = joblib.Parallel(n_jobs=2)(joblib.delayed(numpy.sum)(numpy.ones(10_000) * number) for number in range(3))
                with multiprocessing.get_context("fork").Pool(2) as pool:
                    print(os.getpid(), sums, pool.map(abs, [-1, -2]))
            """,
            threads=2,
            memory=2**30,
        )
        assert result.status is Status.OK, result.log
        assert "20000.0" in result.log
        assert "[1, 2]" in result.log
        pid = result.log.split()[0]
        assert [path for path in Path("/dev/shm").glob(f"*{pid}*") if "loky" in path.name or "joblib" in path.name] == []  # noqa: ASYNC240

    async def test_a_stopped_fork_that_holds_the_output_open_does_not_delay(self, bench: Bench) -> None:
        started = time.monotonic()
        result = await bench.run("import os, signal\nif os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP)")
        assert result.status is Status.OK
        assert time.monotonic() - started < 2

    @pytest.mark.slow
    async def test_a_script_that_stops_its_supervisor_is_ended_all_the_same(self, bench: Bench) -> None:
        result = await bench.run("import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP); time.sleep(600)", seconds=0.5)
        assert result.status is Status.TIMED_OUT

    async def test_a_missing_interpreter_is_no_fault_of_the_candidate(self, bench: Bench, tmp_path: Path) -> None:
        broken = LocalRunner(tmp_path / "no-python")
        with pytest.raises(InfrastructureError, match="no-python"):
            await broken.execute(bench.job("pass"))
        with pytest.raises(InfrastructureError, match="no-python"):
            _ = broken.environment

    async def test_a_missing_temporary_folder_is_no_fault_of_the_candidate(self, bench: Bench, tmp_path: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
            with pytest.raises(InfrastructureError, match=r"nowhere.*TMPDIR"):
                await bench.run("pass")

    async def test_an_output_that_is_a_file_is_no_fault_of_the_candidate(self, bench: Bench, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("here")
        with pytest.raises(InfrastructureError, match="file"):
            await bench.run("pass", output=tmp_path / "file")
        assert (tmp_path / "file").read_text() == "here"

    async def test_a_name_to_collect_must_be_a_plain_one(self, bench: Bench) -> None:
        with pytest.raises(ValueError, match="/etc/passwd"):
            await bench.run("pass", collect=("/etc/passwd",))

    async def test_a_small_job_costs_little_more_than_the_interpreter(self, bench: Bench) -> None:
        def plain() -> float:
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", "pass"], check=True)
            return time.perf_counter() - started

        async def sandboxed() -> float:
            started = time.perf_counter()
            await bench.run("pass")
            return time.perf_counter() - started

        # The best of many: other work on the machine only ever adds.
        assert min([await sandboxed() for _ in range(20)]) - min(plain() for _ in range(20)) < 0.1


def test_nothing_is_left_when_the_runner_itself_is_killed(tmp_path: Path) -> None:
    (tmp_path / "view").mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = f"""
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", {str(scratch)!r}], {{}})
    os._exit(0)
time.sleep(600)
"""
    job = f"Job({script!r}, Path({str(tmp_path / 'view')!r}), Path({str(tmp_path / 'output')!r}))"
    code = f"import asyncio; from pathlib import Path; from sandbox import Job, LocalRunner; asyncio.run(LocalRunner().execute({job}))"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "TMPDIR": str(scratch)})
    try:
        wait_until(lambda: len(left_over(str(scratch))) >= 4, 20)  # runner, supervisor, script, daemon
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not left_over(str(scratch)) and not list(scratch.iterdir()), 5)


def test_the_environment_depends_on_what_is_installed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    bare = LocalRunner(python).environment
    assert bare != LocalRunner().environment
    package = next((tmp_path / "venv" / "lib").iterdir()) / "site-packages" / "thing-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    assert LocalRunner(python).environment != bare


def test_another_interpreter_runs_the_scripts(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    (tmp_path / "view").mkdir()
    python = tmp_path / "venv" / "bin" / "python"
    job = Job("import sys; print(sys.executable)", tmp_path / "view", tmp_path / "output", LIMITS)
    result = asyncio.run(LocalRunner(python).execute(job))
    assert result.log == f"{python}\n"


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)
