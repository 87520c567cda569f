"""What every runner must do. A test module binds it: a subclass of RunnerConformance (and HostileScripts) with a `runner` fixture."""

import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from journal import Status
from sandbox import ExecutionResult, InfrastructureError, Job, Limits, Runner

MB = 2**20
LINUX = sys.platform == "linux"
LIMITS = Limits(seconds=20, memory=400 * MB, log=4096, output=4 * MB, grace=0.5)


def left_over(mark: str) -> list[psutil.Process]:
    """Living processes whose command line, environment or working folder holds the text."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if mark in " ".join([*process.cmdline(), *process.environ().values(), process.cwd()]):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def command_line(process: psutil.Process) -> list[str]:
    """Of a process that may have ended meanwhile: nothing."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@dataclass(frozen=True)
class Bench:
    """Runs scripts on a small view."""

    runner: Runner
    view: Path
    output: Path
    mark: str
    """In the command line or the environment of every process of every job here; scripts read it as MARK."""

    def job(self, code: str, **changes: object) -> Job:
        job = Job(f"MARK = {self.mark!r}\n" + dedent(code), self.view, self.output, LIMITS)
        limits = {name: changes.pop(name) for name in list(changes) if name in Limits.__dataclass_fields__}
        return replace(job, limits=replace(LIMITS, **limits), **changes)  # type: ignore[arg-type]

    async def run(self, code: str, **changes: object) -> ExecutionResult:
        return await self.runner.execute(self.job(code, **changes))

    def left_over(self) -> list[psutil.Process]:
        return left_over(self.mark)

    async def begun(self) -> None:
        """Wait until a process that was started with the mark is there."""
        end = time.monotonic() + 20
        while not any(self.mark in command_line(process) for process in self.left_over()):
            assert time.monotonic() < end, "no script has begun"
            await asyncio.sleep(0.05)


class Benched:
    """The fixtures. After every test nothing may be left, and the next job must run as usual."""

    @pytest.fixture
    def scratch(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "scratch"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        return folder

    @pytest.fixture
    async def bench(self, runner: Runner, scratch: Path, tmp_path: Path) -> AsyncIterator[Bench]:
        view = tmp_path / "view"
        (view / "images").mkdir(parents=True)
        (view / "train.csv").write_text("id,target\n1,0\n2,1\n")
        (view / "test.csv").write_text("id\n3\n")
        (view / "images" / "3.txt").write_text("pixels")
        before = contents(view)
        mounts = Path("/proc/self/mountinfo").read_text() if LINUX else ""  # noqa: ASYNC240
        bench = Bench(runner, view, tmp_path / "output", str(scratch))
        yield bench
        assert contents(view) == before
        assert bench.left_over() == []
        assert os.listdir(scratch) == []  # noqa: PTH208
        assert children() == []
        assert Path("/proc/self/mountinfo").read_text() == mounts if LINUX else True  # noqa: ASYNC240
        following = await bench.run("open('submission.csv', 'w').write('next')")
        assert (following.status, following.error) == (Status.OK, "")
        assert following.files["submission.csv"].read_text() == "next"


def children() -> list[psutil.Process]:
    """Living processes below this one; those that scripts are forked from, and what they keep ready for the next, may stay."""
    found = psutil.Process().children()
    for zygote in [process for process in found if any(word.endswith("zygote.py") for word in command_line(process))]:
        found.remove(zygote)
        found += [process for process in zygote.children() if process.name() != "mlestar-idle"]
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE and process.name() != "dockerd"]


def plant_weights(folder: Path) -> dict[str, str]:
    """Caches as the libraries leave them, with what else lies there; gives the environment in which they are a machine's."""
    hub, torch = folder / "huggingface", folder / "torch"
    model = hub / "hub" / "models--acme--tiny"
    for place in (model / "blobs", model / "snapshots" / "1", hub / "hub" / "datasets--acme--answers", torch / "hub" / "checkpoints"):
        place.mkdir(parents=True)
    (model / "blobs" / "abc").write_text("of the hub")
    (model / "snapshots" / "1" / "model.safetensors").symlink_to("../../blobs/abc")
    (hub / "hub" / "datasets--acme--answers" / "test.csv").write_text("TOKEN of a data set")
    for name in ("token", "stored_tokens"):
        (hub / name).write_text("TOKEN of the user")
    (torch / "hub" / "checkpoints" / "net-00.pth").write_text("of torch")
    return {"HF_HOME": str(hub), "TORCH_HOME": str(torch)}


def use_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Caches as this machine's."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in plant_weights(folder).items():
        monkeypatch.setenv(name, value)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class RunnerConformance(Benched):
    @pytest.fixture
    def weights(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The caches of the machine that the scripts run on."""
        return use_weights(tmp_path / "caches", monkeypatch)

    async def test_a_script_reads_its_input_and_its_files_are_collected(self, bench: Bench) -> None:
        result = await bench.run("""
            text = open("input/train.csv").read()
            open("submission.csv", "w").write(text)
            open("other.csv", "w").write("not asked for")
            print("done")
        """)
        assert (result.status, result.returncode, result.error) == (Status.OK, 0, "")
        assert result.log == "done\n"
        assert dict(result.files) == {"submission.csv": bench.output / "submission.csv"}
        assert result.files["submission.csv"].read_text() == "id,target\n1,0\n2,1\n"
        assert [path.name for path in bench.output.iterdir()] == ["submission.csv"]
        assert 0 < result.seconds < 20
        assert 2 * MB < result.peak_memory < 100 * MB

    async def test_a_script_starts_beside_nothing_but_its_input(self, bench: Bench) -> None:
        result = await bench.run("""
            import os
            print(sorted(os.listdir(".")), sorted(os.listdir("input")), __name__)
            for name in ("HOME", "TMPDIR"):
                assert os.listdir(os.environ[name]) == [], name
        """)
        assert result.log == "['input', 'solution.py'] ['images', 'test.csv', 'train.csv'] __main__\n"

    async def test_threads_and_seed_reach_the_script(self, bench: Bench) -> None:
        code = """
            import os
            names = "OMP_NUM_THREADS", "LOKY_MAX_CPU_COUNT", "PYTHONHASHSEED", "CUDA_VISIBLE_DEVICES"
            print(*(os.environ[name] for name in names), hash("a"), sep=",")
        """
        one = await bench.run(code, threads=3, seed=7)
        again = await bench.run(code, threads=3, seed=7)
        other = await bench.run(code, seed=8)
        assert one.log.startswith("3,3,7,,")
        assert one.log == again.log
        assert other.log.startswith("1,1,8,,")
        assert other.log.split(",")[-1] != one.log.split(",")[-1]

    async def test_the_gpu_reaches_the_script(self, bench: Bench) -> None:
        result = await bench.run("import os; print(os.environ['CUDA_VISIBLE_DEVICES'])", gpu="1")
        assert result.log == "1\n"

    async def test_secrets_of_the_parent_are_not_visible(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-parent")
        result = await bench.run("import os; print(dict(os.environ))")
        assert result.status is Status.OK
        assert "OPENAI_API_KEY" not in result.log
        assert "sk-secret" not in result.log
        assert f"'{os.environ['HOME']}'" not in result.log

    async def test_pretrained_weights_are_read_and_stay_as_they_are(self, bench: Bench, weights: Path) -> None:
        before = contents(weights)
        result = await bench.run("""
            import os, shutil
            hub, checkpoints = os.environ["HF_HUB_CACHE"], os.environ["TORCH_HOME"] + "/hub/checkpoints"
            assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"
            print(os.listdir(hub), os.listdir(checkpoints))
            print(open(hub + "/models--acme--tiny/snapshots/1/model.safetensors").read(), open(checkpoints + "/net-00.pth").read())
            def attempt(what, *words):
                try:
                    what(*words)
                except OSError:
                    pass  # a runner may refuse
            attempt(open, hub + "/new", "w")
            attempt(open, checkpoints + "/new.pth", "w")
            attempt(os.remove, checkpoints + "/net-00.pth")
            attempt(os.rename, hub + "/models--acme--tiny", hub + "/other")
        """)
        assert (result.status, result.error) == (Status.OK, "")
        assert result.log == "['models--acme--tiny'] ['net-00.pth']\nof the hub of torch\n"
        assert contents(weights) == before

    async def test_standard_input_is_empty(self, bench: Bench) -> None:
        result = await bench.run("import sys; print(repr(sys.stdin.read()))")
        assert result.log == "''\n"

    async def test_opened_files_are_seen_whoever_opens_them(self, bench: Bench) -> None:
        result = await bench.run("""
            import os, subprocess
            list(os.walk("input"))
            os.path.getsize("input/test.csv")
            try:
                open("input/own.txt", "w").close()
            except OSError:
                pass  # a runner may refuse
            subprocess.run(["cat", "input/images/3.txt"], check=True)
        """)
        assert result.status is Status.OK
        assert result.files_opened in (("images/3.txt",), None)

    async def test_a_file_of_an_earlier_job_is_not_taken_for_this_ones(self, bench: Bench) -> None:
        first = await bench.run("open('submission.csv', 'w').write('first')")
        second = await bench.run("pass")
        assert first.files and not second.files
        assert not (bench.output / "submission.csv").exists()

    async def test_jobs_run_at_the_same_time_and_apart(self, bench: Bench) -> None:
        code = """
            import os, time
            assert not os.path.exists("submission.csv")
            open("submission.csv", "w").write(os.environ["PYTHONHASHSEED"])
            print(time.monotonic())
            time.sleep(1.5)
            print(time.monotonic())
        """
        results = await asyncio.gather(
            *(bench.runner.execute(replace(bench.job(code), seed=seed, output=bench.output / str(seed))) for seed in range(4))
        )
        times = sorted(tuple(map(float, result.log.split())) for result in results)
        assert any(begun < ended for (_, ended), (begun, _) in itertools.pairwise(times)), times
        assert [result.files["submission.csv"].read_text() for result in results] == ["0", "1", "2", "3"]

    async def test_a_crash_is_explained_by_its_exception_and_line(self, bench: Bench) -> None:
        result = await bench.run("""
            import json
            def read():
                return json.loads("{")
            read()
        """)
        assert (result.status, result.returncode) == (Status.CRASHED, 1)
        assert 'solution.py", line 5, in read' in result.error
        assert 'return json.loads("{")' in result.error
        assert result.error.splitlines()[-1].startswith("json.decoder.JSONDecodeError: Expecting property name")
        assert "decoder.py" not in result.error
        assert "decoder.py" in result.log

    async def test_a_syntax_error_is_explained(self, bench: Bench) -> None:
        result = await bench.run("x = = 1")
        assert result.status is Status.CRASHED
        assert "SyntaxError: invalid syntax" in result.error
        assert "x = = 1" in result.error

    async def test_an_exit_with_a_message_is_a_crash(self, bench: Bench) -> None:
        result = await bench.run("import sys; sys.exit('no training rows')")
        assert (result.status, result.returncode, result.error) == (Status.CRASHED, 1, "no training rows")

    async def test_an_explanation_is_bounded(self, bench: Bench) -> None:
        result = await bench.run("raise ValueError('x' * 100_000)", log=2**20)
        assert result.status is Status.CRASHED
        assert 1000 < len(result.error) <= 2000

    async def test_without_a_submission_it_is_ok_and_has_no_files(self, bench: Bench) -> None:
        result = await bench.run("import os; os._exit(0)")
        assert (result.status, dict(result.files), result.error) == (Status.OK, {}, "")

    async def test_what_a_crashed_script_left_is_collected_all_the_same(self, bench: Bench) -> None:
        result = await bench.run("open('submission.csv', 'w').write('1'); raise SystemExit(3)")
        assert (result.status, result.returncode) == (Status.CRASHED, 3)
        assert result.files["submission.csv"].read_text() == "1"

    async def test_a_missing_view_is_no_fault_of_the_candidate(self, bench: Bench, tmp_path: Path) -> None:
        with pytest.raises(InfrastructureError, match="nowhere"):
            await bench.run("pass", input=tmp_path / "nowhere")

    async def test_the_environment_is_a_stable_digest(self, runner: Runner) -> None:
        assert len(runner.environment) == 64
        assert runner.environment == runner.environment


OUTLIVES = """
    import os, signal, subprocess, sys, time
    def outlive():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        os.execve(sys.executable, [sys.executable, "-c", code, MARK], {})
"""
DAEMON = (
    OUTLIVES
    + """
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            outlive()
        os._exit(0)
    os.wait()
"""
)


class HostileScripts(Benched):
    """None of these may hang the runner, harm the view, or leave a process or a file: `bench` looks after every test."""

    async def test_a_hung_script_ends_at_the_limit(self, bench: Bench) -> None:
        started = time.monotonic()
        result = await bench.run("print('begun'); import time; time.sleep(600)", seconds=0.5)
        assert result.status is Status.TIMED_OUT
        assert "0.5 s" in result.error
        assert result.log.startswith("begun\n")
        assert time.monotonic() - started < 3

    async def test_a_loop_that_ignores_sigterm_ends_after_the_grace(self, bench: Bench) -> None:
        started = time.monotonic()
        result = await bench.run("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass", seconds=0.3)
        assert result.status is Status.TIMED_OUT
        assert 0.8 <= time.monotonic() - started < 4

    async def test_a_script_may_save_its_work_in_the_grace(self, bench: Bench) -> None:
        result = await bench.run(
            """
            import signal, sys, time
            def save(*_):
                open("submission.csv", "w").write("saved")
                sys.exit(0)
            signal.signal(signal.SIGTERM, save)
            time.sleep(600)
            """,
            seconds=2.0,
        )
        assert result.status is Status.TIMED_OUT
        assert result.files["submission.csv"].read_text() == "saved"

    async def test_a_child_that_outlives_its_parent_is_ended(self, bench: Bench) -> None:
        result = await bench.run(OUTLIVES + "\n    if os.fork() == 0: outlive()")
        assert result.status is Status.OK

    async def test_a_daemon_without_the_mark_is_ended(self, bench: Bench) -> None:
        result = await bench.run(DAEMON + "    print('parent ends')")
        assert (result.status, result.log) == (Status.OK, "parent ends\n")

    async def test_a_daemon_is_ended_at_the_time_limit_too(self, bench: Bench) -> None:
        result = await bench.run(DAEMON + "    time.sleep(600)", seconds=0.5)
        assert result.status is Status.TIMED_OUT

    async def test_processes_that_keep_forking_are_ended(self, bench: Bench) -> None:
        result = await bench.run(
            """
            import os, time
            for _ in range(10):
                if os.fork() == 0:
                    os.setsid()
                    while True:  # each lives for a moment and goes on in its child
                        if os.fork():
                            os._exit(0)
                        time.sleep(0.001)
            time.sleep(0.2)
            """
        )
        assert result.status is Status.OK

    async def test_growing_memory_is_stopped(self, bench: Bench) -> None:
        result = await bench.run("kept = []\nwhile True: kept.append(bytearray(4 * 2**20))")
        assert result.status is Status.OUT_OF_MEMORY
        assert 350 * MB < result.peak_memory < 600 * MB

    async def test_one_huge_allocation_fails_at_once(self, bench: Bench) -> None:
        result = await bench.run("bytearray(2**34)")
        assert result.status is Status.OUT_OF_MEMORY
        assert "MemoryError" in result.error
        assert result.peak_memory < 400 * MB

    async def test_memory_of_children_counts(self, bench: Bench) -> None:
        result = await bench.run("""
            import os, time
            for _ in range(4):
                if os.fork() == 0:
                    os.setsid()
                    kept = os.urandom(150 * 2**20)
                    time.sleep(600)
            time.sleep(600)
        """)
        assert result.status is Status.OUT_OF_MEMORY
        assert "limit is 400 MB" in result.error

    async def test_memory_shared_by_forks_counts_once(self, bench: Bench) -> None:
        result = await bench.run("""
            import os, time
            kept = b"x" * (200 * 2**20)
            for _ in range(4):
                if os.fork() == 0:
                    time.sleep(1)
                    os._exit(0)
            for _ in range(4):
                os.wait()
        """)
        assert (result.status, result.error) == (Status.OK, "")
        assert 200 * MB < result.peak_memory <= 400 * MB

    async def test_a_word_about_memory_in_another_error_is_not_out_of_memory(self, bench: Bench) -> None:
        result = await bench.run("x = 1  # MemoryError\nraise ValueError('bad shape')  # out of memory")
        assert result.status is Status.CRASHED

    async def test_endless_output_is_bounded(self, bench: Bench) -> None:
        result = await bench.run("print('first')\nwhile True: print('x' * 1000)", seconds=0.5)
        assert result.status is Status.TIMED_OUT
        assert len(result.log) < 5000
        assert result.log.startswith("first\n")
        assert "bytes left out" in result.log

    async def test_bytes_that_are_no_text_do_not_break_the_log(self, bench: Bench) -> None:
        result = await bench.run(
            "import os, sys; os.write(1, b'\\xff\\xfe\\x00 caf\\xe9\\n'); sys.stdout.buffer.write('ü'.encode('utf-16'))"
        )
        assert result.status is Status.OK
        assert " caf�\n" in result.log

    async def test_a_closed_standard_output_is_no_matter(self, bench: Bench) -> None:
        result = await bench.run("import os, sys; os.close(1); os.close(2); open('submission.csv', 'w').write('1')")
        assert result.status is Status.OK
        assert result.files["submission.csv"].read_text() == "1"

    @pytest.mark.parametrize(
        ("code", "what"),
        [
            ("os.mkfifo('submission.csv')", "FIFO"),
            ("os.symlink('/etc/passwd', 'submission.csv')", "symbolic link"),
            ("os.symlink('submission.csv', 'submission.csv')", "symbolic link"),
            ("os.mkdir('submission.csv')", "folder"),
            ("import socket; socket.socket(socket.AF_UNIX).bind('submission.csv')", "socket"),
            ("open('submission.csv', 'w').truncate(3 * 2**20); open('submission.csv', 'a').truncate(4 * 2**20 - 1)", ""),
        ],
    )
    async def test_only_a_regular_file_is_collected(self, bench: Bench, code: str, what: str) -> None:
        result = await bench.run(f"import os; {code}; open('probabilities.csv', 'w').write('1')")
        assert result.status is Status.OK
        assert set(result.files) == ({"probabilities.csv"} if what else {"probabilities.csv", "submission.csv"})
        assert what in result.error
        assert bool(what) == ("submission.csv was not collected" in result.error)
        assert not (bench.output / "submission.csv").exists() or not what

    async def test_a_file_beyond_the_limit_cannot_be_written(self, bench: Bench) -> None:
        result = await bench.run("open('submission.csv', 'wb').write(bytes(5 * 2**20))")
        assert result.status is Status.CRASHED
        assert "File too large" in result.error

    async def test_inputs_that_are_overwritten_and_deleted_leave_the_view_unharmed(self, bench: Bench) -> None:
        result = await bench.run("""
            import shutil
            open("input/train.csv", "w").write("overwritten")
            open("input/test.csv", "a").write("appended")
            shutil.rmtree("input/images")
        """)
        assert result.status in (Status.OK, Status.CRASHED)  # a runner may as well refuse

    async def test_a_script_that_removes_its_own_folder(self, bench: Bench) -> None:
        result = await bench.run("import os, shutil; shutil.rmtree(os.getcwd())")
        assert result.status in (Status.OK, Status.CRASHED)  # a runner may keep its input
        assert not result.files

    async def test_unreadable_and_very_deep_folders_are_removed(self, bench: Bench) -> None:
        result = await bench.run("""
            import os
            os.makedirs("locked/inside")
            open("locked/inside/file", "w").close()
            os.chmod("locked/inside", 0)
            os.chmod("locked", 0)
            for _ in range(1200):
                os.mkdir("deep")
                os.chdir("deep")
        """)
        assert result.status is Status.OK

    @pytest.mark.parametrize(
        ("code", "status", "name"),
        [
            ("os.kill(os.getpid(), signal.SIGSEGV)", Status.CRASHED, "SIGSEGV"),
            ("import ctypes; ctypes.string_at(0)", Status.CRASHED, "SIGSEGV"),
            ("os.abort()", Status.CRASHED, "SIGABRT"),
            ("os.kill(os.getpid(), signal.SIGKILL)", Status.KILLED, "SIGKILL"),
            ("os.killpg(0, signal.SIGKILL)", Status.KILLED, "SIGKILL"),
        ],
    )
    async def test_an_end_by_a_signal_is_named(self, bench: Bench, code: str, status: Status, name: str) -> None:
        result = await bench.run(f"import os, signal; print('before'); {code}")
        assert result.status is status
        assert name in result.error
        assert result.log.startswith("before\n")
        assert result.returncode not in (0, None)

    async def test_a_script_that_kills_what_started_it(self, bench: Bench) -> None:
        result = await bench.run(
            """
            import os, signal, time
            if os.fork() == 0:
                time.sleep(600)
            os.kill(os.getppid(), signal.SIGTERM)
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(600)
            """,
            seconds=2,
        )
        assert result.status in (Status.KILLED, Status.CRASHED, Status.TIMED_OUT)

    async def test_cancelling_a_job_leaves_nothing(self, bench: Bench) -> None:
        task = asyncio.create_task(bench.run(DAEMON + "    time.sleep(600)"))
        await bench.begun()
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < 2

    async def test_cancelling_twice_leaves_nothing(self, bench: Bench) -> None:
        task = asyncio.create_task(bench.run(DAEMON + "    time.sleep(600)"))
        await bench.begun()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    @pytest.mark.parametrize("delay", [0.0, 0.001, 0.01, 0.03])
    async def test_cancelling_at_the_start_leaves_nothing(self, bench: Bench, delay: float) -> None:
        task = asyncio.create_task(bench.run("import time; time.sleep(600)"))
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
