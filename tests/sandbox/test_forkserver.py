"""What a warm start must not change, and what happens where it cannot be had."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from journal import Status
from sandbox import ForkserverRunner
from sandbox.forkserver import ForkServer, Kind, ZygoteGoneError
from sandbox.imports import slow_packages
from tests.sandbox.conformance import Bench, Benched, left_over

ROOT = Path(__file__).parents[2]
GB = 2**30


@pytest.fixture(scope="module")
def runner() -> Iterator[ForkserverRunner]:
    yield ForkserverRunner()


@pytest.fixture(scope="module")
def cold() -> Iterator[ForkserverRunner]:
    yield ForkserverRunner(warm=False)


SAME = {
    "names": "print(__name__, __file__, __package__, __spec__, __doc__, sorted(globals()))",
    "arguments": "import sys; print(sys.argv, sys.path[0], sys.flags, sys.executable, sys.prefix)",
    "pickled classes": """
        import pickle
        from dataclasses import dataclass
        @dataclass
        class Point:
            x: int
        print(pickle.loads(pickle.dumps(Point(3))), Point.__module__)
    """,
    "multiprocessing": """
        import multiprocessing
        def double(x): return 2 * x
        if __name__ == "__main__":
            for method in ("fork", "spawn"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    print(method, pool.map(double, [1, 2]))
    """,
    "joblib": """
        import numpy
        import joblib
        def double(x): return (2 * x).sum()
        print(joblib.Parallel(n_jobs=2)(joblib.delayed(double)(numpy.ones(200_000) * n) for n in range(4)))
    """,
    "boosting": """
        import numpy, lightgbm
        from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
        rng = numpy.random.default_rng(0)
        x = rng.normal(size=(500, 4)); y = (x.sum(1) > 0).astype(int)
        for model in (
            lightgbm.LGBMClassifier(n_estimators=10, num_threads=2, verbose=-1, random_state=0),
            HistGradientBoostingClassifier(max_iter=10, random_state=0),
            RandomForestClassifier(10, n_jobs=2, random_state=0),
        ):
            print(model.fit(x, y).predict_proba(x)[:3].round(6).tolist())
        print(numpy.linalg.svd(rng.normal(size=(300, 300)))[1][:3].round(6))
    """,
    "threads": """
        import numpy, threadpoolctl, lightgbm
        print(sorted((pool["user_api"], pool["num_threads"]) for pool in threadpoolctl.threadpool_info()))
    """,
    "files that are not closed": "f = open('submission.csv', 'w'); f.write('kept')",
    "text of native code": "import ctypes; ctypes.CDLL(None).printf(b'from C\\n')",
    "exit functions": "import atexit; atexit.register(print, 'at the end'); print('before')",
    "threads that go on": """
        import threading, time
        threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
        print("main")
    """,
    "a traceback with causes": """
        def f():
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise ValueError("bad") from error
        f()
    """,
    "an exit status": "raise SystemExit(300)",
    "an interrupt": "raise KeyboardInterrupt",
    "a hook": "import sys; sys.excepthook = lambda *a: print('hooked', a[1]); 1 / 0",
    "user and name": "import os, getpass, socket; print(os.getuid(), getpass.getuser(), socket.gethostname())",
    "localhost": """
        import socket
        server = socket.create_server(("localhost", 0))
        print(socket.create_connection(server.getsockname()).getpeername()[0])
    """,
    "signals": "import signal; print([(n, str(signal.getsignal(n))) for n in range(1, 32) if n not in (9, 19)])",
    "text": "import sys, locale; print('é', sys.stdout.encoding, sys.stdout.line_buffering, locale.getlocale())",
    "open files": "import os; print([n for n in os.listdir('/proc/self/fd') if int(n) < 3])",
    "modules of its own": "open('helper.py', 'w').write('x = 5')\nimport helper; print(helper.x, helper.__file__)",
}


class TestWarmStart(Benched):
    @pytest.mark.parametrize("name", SAME)
    async def test_it_is_no_different_from_a_cold_one(self, bench: Bench, cold: ForkserverRunner, name: str) -> None:
        code = textwrap.dedent(SAME[name])
        results = []
        for runner in (bench.runner, cold):
            result = await Bench(runner, bench.view, bench.output, bench.mark).run(code, threads=2, memory=2 * GB)
            texts = {name: path.read_text() for name, path in result.files.items()}
            results.append((result.status, result.returncode, result.log, texts, result.error))
        assert results[0] == results[1]

    async def test_random_numbers_differ_between_executions(self, bench: Bench) -> None:
        code = "import random, numpy, os; print(random.random(), numpy.random.rand(), os.urandom(4).hex())"
        logs = {(await bench.run(code, memory=GB)).log for _ in range(3)}
        assert len({log.split()[0] for log in logs}) == len({log.split()[1] for log in logs}) == 3

    async def test_what_was_imported_before_is_not_imported_again(self, bench: Bench) -> None:
        code = "import sys; print('sklearn.ensemble' in sys.modules)\nif False: import sklearn"
        assert (await bench.run(code, memory=GB)).log == "True\n"
        assert (await bench.run("import sys; print('sklearn' in sys.modules)")).log == "False\n"

    async def test_a_warm_script_starts_within_milliseconds(self, bench: Bench) -> None:
        code = "import time; print(time.monotonic())\nimport pandas, sklearn.ensemble, lightgbm"
        waits = []
        for _ in range(6):
            asked = time.monotonic()
            waits.append(float((await bench.run(code, memory=GB)).log) - asked)
        assert min(waits[1:]) < 0.2

    async def test_a_script_that_says_it_cannot_be_forked_runs_cold(self, bench: Bench) -> None:
        code = """
            import numpy
            if "zygote" in open("/proc/self/cmdline").read():
                raise RuntimeError("cannot be used in a forked subprocess")
            print("cold")
        """
        result = await bench.run(code, memory=GB)
        assert (result.status, result.log) == (Status.OK, "cold\n")

    async def test_the_next_script_starts_though_the_zygote_was_killed(self, bench: Bench) -> None:
        assert (await bench.run("import numpy", memory=GB)).status is Status.OK
        zygotes = [child for child in psutil.Process().children() if "zygote.py" in " ".join(child.cmdline())]
        assert zygotes
        for zygote in zygotes:
            zygote.kill()
        psutil.wait_procs(zygotes, 2)
        assert (await bench.run("import numpy; print('again')", memory=GB)).log == "again\n"

    async def test_more_kinds_than_are_kept_leave_a_few(self, bench: Bench) -> None:
        for seed in range(9):
            assert (await bench.run("pass", seed=seed)).status is Status.OK
        assert (
            len([child for child in psutil.Process().children() if "zygote.py" in " ".join(child.cmdline())]) <= 12
        )  # two runners' at most


def test_one_that_starts_slowly_keeps_nobody_waiting(tmp_path: Path) -> None:
    slowly = tmp_path / "slowly"
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\n[ -e {slowly} ] && sleep 2\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    server, quick, slow = ForkServer(python), Kind((), 1, 0), Kind((), 2, 0)
    with ThreadPoolExecutor() as threads:
        server.borrow(quick, {})
        slowly.touch()
        asked = time.monotonic()
        both = [threads.submit(server.borrow, slow, {}) for _ in range(2)]
        server.give_back(quick)
        server.borrow(quick, {})
        assert time.monotonic() - asked < 1.0
        assert both[0].result() is both[1].result(), "one of a kind"
        assert time.monotonic() - asked >= 2.0
        late = threads.submit(server.borrow, Kind((), 3, 0), {})
        time.sleep(0.5)
        server.close()
        with pytest.raises(ZygoteGoneError):
            late.result()
    assert both[0].result().pid not in psutil.pids()


def test_slow_packages_are_found_wherever_they_are_imported() -> None:
    code = "import os\nfrom sklearn.svm import SVC\nif True:\n    import pandas as pd, json\nfrom . import torch"
    assert slow_packages(code) == ("pandas", "sklearn")
    assert slow_packages("import = pandas") == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_it_works_for_an_ordinary_user() -> None:
    python = Path("/usr/bin/python3")
    home = Path(tempfile.mkdtemp(prefix="mlestar-user-"))
    as_user = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", str(python)]
    variables = {"TMPDIR": str(home), "HOME": str(home), "PYTHONPATH": f"{home}:{Path(pytest.__file__).parents[1]}"}
    try:
        for package in ("sandbox", "journal"):
            shutil.copytree(ROOT / package, home / package, ignore=shutil.ignore_patterns("__pycache__"))
        (home / "view").mkdir()
        for path in (home, *home.rglob("*")):
            shutil.chown(path, 65533, 65533)
        if subprocess.run([*as_user, "-c", "import psutil, pydantic"], env=variables, check=False, capture_output=True).returncode:
            pytest.skip("there is no interpreter that another user may use too, with what this package needs")
        answer = subprocess.run(
            [*as_user, "-c", textwrap.dedent(AS_USER)], capture_output=True, text=True, cwd=home, env=variables, check=False
        )
        assert answer.stdout.splitlines() == ["forkserver 65534 ['sandbox']", "bubblewrap 65534 ['sandbox']"], answer.stderr
    finally:
        shutil.rmtree(home)


AS_USER = """
    import asyncio
    from pathlib import Path
    from sandbox import BubblewrapRunner, Job, best_runner
    code = "import os; print(os.getuid(), sorted(os.listdir('/home')))"
    for runner in (best_runner(isolation="required"), BubblewrapRunner()):
        print(runner.name, asyncio.run(runner.execute(Job(code, Path("view"), Path("output")))).log.strip())
"""


def test_nothing_is_left_when_the_runner_itself_is_killed(tmp_path: Path) -> None:
    (tmp_path / "view").mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = f"""
import os, sys, time
import numpy
if os.fork() == 0:
    os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", {str(scratch)!r}], {{}})
time.sleep(600)
"""
    job = f"Job({script!r}, Path({str(tmp_path / 'view')!r}), Path({str(tmp_path / 'output')!r}))"
    code = "import asyncio; from pathlib import Path; from sandbox import Job, ForkserverRunner; "
    code += f"asyncio.run(ForkserverRunner().execute({job}))"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "TMPDIR": str(scratch)})
    try:
        wait_until(lambda: any(process.cmdline()[-1] == str(scratch) for process in left_over(str(scratch))), 20)  # the script's child
        below = psutil.Process(parent.pid).children(recursive=True)
        assert len(below) >= 5  # zygote, supervisor, guard, first, script
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not left_over(str(scratch)) and not list(scratch.iterdir()), 5)
    wait_until(lambda: not any(process.is_running() for process in below), 5)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)
