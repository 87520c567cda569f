"""Real servers and workers as processes that are no children of the tests', each with a home of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[2]
LAUNCH = """
import json, subprocess, sys
command, env, log = json.loads(sys.stdin.read())
with open(log, "ab") as out:
    print(subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd=sys.argv[1]).pid)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fresh_environment(folder: Path) -> dict[str, str]:
    """Of a process that shares nothing with this machine's user, in an activated environment; its Prefect database is there already."""
    database = folder / "prefect" / "prefect.db"
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(empty_database(), database)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "MLESTAR_"))},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(ROOT),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "MLESTAR_CACHE": str(folder / "cache"),
        "XDG_DATA_HOME": str(folder / "data"),
    }


def empty_database() -> Path:
    """Prefect's tables in SQLite, made once for all tests: its migrations take ten seconds of a processor."""
    place = Path(os.environ.get("TMPDIR", "/tmp"))
    path = place / f"mlestar-tests-prefect-{version('prefect')}-{os.getuid()}.db"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=place) as home:
            command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
            subprocess.run(command, env={**os.environ, "PREFECT_HOME": home}, capture_output=True, check=True)
            Path(home, "prefect.db").replace(path)
    return path


def wait_until(condition: Callable[[], object], seconds: float, what: str = "") -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)


@dataclass
class Processes:
    """What was started, so that it can be ended."""

    folder: Path
    pids: list[int] = field(default_factory=list)

    def start(self, *command: str, env: Mapping[str, str], prefix: tuple[str, ...] = ()) -> int:
        """`python -m …` in a session of its own, and no child of this process; gives its id."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f"process-{len(self.pids)}.log"
        order = json.dumps([[*prefix, sys.executable, "-m", *command], dict(env), str(log)])
        done = subprocess.run([sys.executable, "-c", LAUNCH, str(ROOT)], input=order, capture_output=True, text=True, check=True)
        self.pids.append(int(done.stdout))
        return self.pids[-1]

    def server(self, env: dict[str, str], port: int | None = None, ui: bool = False, host: str = "127.0.0.1") -> str:
        """A Prefect server; `env` points to it from now on. Gives the URL of its API."""
        port = port or free_port()
        url = f"http://{host}:{port}/api"
        mine = {**env, "PREFECT_SERVER_API_PORT": str(port), "PREFECT_SERVER_UI_API_URL": url}
        mine.pop("PREFECT_API_URL", None)
        self.start("prefect", "server", "start", "--host", host, "--port", str(port), *([] if ui else ["--no-ui"]), env=mine)
        env["PREFECT_API_URL"] = url

        def healthy() -> bool:
            with suppress(httpx.TransportError):
                return httpx.get(f"{url}/health").status_code == httpx.codes.OK
            return False

        wait_until(healthy, 180, f"a server at {url}")  # a busy machine takes a minute
        return url

    def worker(self, env: Mapping[str, str], storage: Path, *options: str, prefix: tuple[str, ...] = ()) -> int:
        """`mlestar worker`; returns at once."""
        return self.start("mlestar", "worker", "--storage", str(storage), *options, env=env, prefix=prefix)

    def stop(self, pid: int, number: int = signal.SIGTERM, patience: float = 20) -> None:
        """End one of them and wait for it."""
        self.pids.remove(pid)
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            process.send_signal(number)
            try:
                process.wait(patience)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(10)

    def stop_all(self, patience: float = 4) -> None:
        """Ask all of them to end; whatever they have started and has not ended soon is killed. A server alone takes twenty seconds."""
        family: list[psutil.Process] = []
        for pid in self.pids:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                family += [process, *process.children(recursive=True)]
                process.terminate()
        self.pids.clear()
        _, alive = psutil.wait_procs(family, patience)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, 10)


def left_over(mark: str) -> list[str]:
    """Living processes, other than this one, whose command line or environment holds the text."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                words = " ".join([*process.cmdline(), *process.environ().values()])
                if mark in words:
                    found.append(words[:200])
    return found
