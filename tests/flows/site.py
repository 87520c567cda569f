"""A site as docs/prefect.md sets it up: a server with its deployment `solve/gpu`, and process workers."""

import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from journal import Evaluated, Executed, Run, find_runs
from tests.flows.processes import ROOT, Processes, fresh_environment, left_over, wait_until

SMALL = {"evaluations": 14, "tracks": 1, "models": 2, "outer_steps": 1, "inner_steps": 1, "ensemble_rounds": 1, "folds": 2}
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def program(module: str, *arguments: str, env: dict[str, str], cwd: Path = ROOT) -> str:
    """Run `python -m module …` to its good end; gives what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass
class Site:
    """A server, deployed to; workers come and go. What is asked of the server goes the way its pages go."""

    folder: Path
    ui: bool = False
    api: str = ""
    server: int = 0
    workers: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.processes = Processes(self.folder / "logs")
        self.runs = self.folder / "runs"
        self.environment = fresh_environment(self.folder) | {"PREFECT_WORKER_QUERY_SECONDS": "1", "MLESTAR_RUNS": str(self.runs)}

    def set_up(self) -> None:
        """By the commands of the page; the worker comes up while the deployment is made."""
        self.start_server()
        program("mlestar", "setup-server", env=self.environment)
        self.start_worker()
        program("prefect", "--no-prompt", "deploy", "--name", "gpu", env=self.environment)

    def start_server(self) -> None:
        """The first time at a free port, later at the same, and always on the same database."""
        port = httpx.URL(self.api).port if self.api else None
        self.api = self.processes.server(self.environment, port, self.ui)
        self.server = self.processes.pids[-1]

    def stop_server(self, number: int = signal.SIGKILL) -> None:
        tree = [psutil.Process(self.server), *psutil.Process(self.server).children(recursive=True)]
        self.processes.stop(self.server, number)
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def start_worker(self) -> int:
        self.workers.append(self.processes.start("prefect", "worker", "start", "--pool", "gpu", "--limit", "1", env=self.environment))
        return self.workers[-1]

    def a_worker(self) -> int:
        """One that lives."""
        self.workers = [pid for pid in self.workers if psutil.pid_exists(pid)]
        return self.workers[0] if self.workers else self.start_worker()

    def kill_worker(self, pid: int) -> None:
        self.workers.remove(pid)
        self.processes.stop(pid, signal.SIGKILL)

    def stop_all(self) -> None:
        self.processes.stop_all()

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("POST", path, body)

    def patch(self, path: str, body: dict[str, Any]) -> None:
        self._ask("PATCH", path, body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """As Prefect's clients do, once more where SQLite was locked by another request."""
        for _ in range(20):
            answer = httpx.request(method, f"{self.api}/{path}", json=body, timeout=30)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.5)
        return answer.raise_for_status().json() if answer.content else None

    def artifact(self, flow_run: str, key: str) -> dict[str, Any]:
        """The latest of a flow run."""
        found = self.post("artifacts/filter", {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC"})
        return next(each for each in found if each["flow_run_id"] == flow_run)

    def trigger(self, **parameters: Any) -> "FlowRun":
        """A run of the deployment, as a form's button makes it."""
        deployment = self.get("deployments/name/solve/gpu")["id"]
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        return FlowRun(self, self.post(f"deployments/{deployment}/create_flow_run", body)["id"])

    def left_over(self, mark: str = "") -> list[str]:
        """Living processes of runs: flows, their scripts, and what those started; not the server or the workers."""
        found = left_over(str(self.folder)) + (left_over(mark) if mark else [])
        return [words for words in found if not any(each in words for each in ("prefect server", "prefect.server", "prefect worker"))]

    def nothing_left(self, seconds: float = 20) -> None:
        """No run goes on, so no process of one may."""
        wait_until(lambda: not self.left_over(), seconds, f"processes that outlive their run: {self.left_over()}")


@dataclass
class FlowRun:
    """One flow run, as the server has it, and its run folder."""

    site: Site
    id: str

    @property
    def state(self) -> str:
        return str(self.site.get(f"flow_runs/{self.id}")["state"]["type"])

    @property
    def run(self) -> Run | None:
        """The folder is named after the flow run's id."""
        return next((run for run in find_runs(self.site.runs) if run.info.id == f"flow-{self.id[:8]}"), None)

    def finished(self) -> Run:
        """The run, which must have come to a good end."""
        assert self.run is not None and self.run.finished is not None and self.run.finished.chosen is not None
        return self.run

    def set_state(self, kind: str, name: str) -> None:
        """What the buttons Cancel and Retry do."""
        answer = self.site.post(f"flow_runs/{self.id}/set_state", {"state": {"type": kind, "name": name}, "force": kind == "SCHEDULED"})
        assert answer["status"] == "ACCEPT", answer

    def cancel(self) -> None:
        self.set_state("CANCELLING", "Cancelling")

    def retry(self) -> None:
        self.set_state("SCHEDULED", "AwaitingRetry")

    def executions(self) -> int:
        return len(list(self.run.entries(Executed))) if self.run else 0

    def wait_executions(self, count: int, seconds: float = 300) -> None:
        """Until so many executions are recorded, with more to come."""
        wait_until(lambda: self.executions() >= count, seconds, f"{count} executions")
        assert self.run is not None and self.run.finished is None, "it was over before it could be disturbed"

    def wait_state(self, *states: str, seconds: float = 300) -> None:
        wait_until(lambda: self.state in states, seconds, f"state {states}; it is {self.state}")

    def wait_end(self, seconds: float = 300) -> str:
        self.wait_state(*ENDED, seconds=seconds)
        return self.state

    def process(self) -> psutil.Process:
        """The flow's own process, a child of its worker."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                words = process.cmdline()
                if process.environ().get("PREFECT__FLOW_RUN_ID") == self.id and "worker" not in words:
                    found.append(process)
        assert found, "no process of the flow run"
        return min(found, key=lambda process: process.create_time())

    def kill(self) -> None:
        """SIGKILL of the flow's process; whatever it had started must be gone soon, in whatever session or group."""
        process = self.process()
        family = process.children(recursive=True)
        assert family, "the flow has no script under way"
        process.send_signal(signal.SIGKILL)
        wait_until(lambda: not [each for each in family if lives(each)], 20, f"scripts that outlive their flow: {family}")
        self.site.nothing_left()

    def task_runs(self) -> list[dict[str, Any]]:
        return list(self.site.post("task_runs/filter", {"flow_runs": {"id": {"any_": [self.id]}}, "limit": 200}))

    def doubled(self) -> list[object]:
        """What was executed or evaluated twice."""
        assert self.run is not None
        executed = Counter((entry.candidate, entry.fidelity, entry.result.fold) for entry in self.run.entries(Executed))
        evaluated = Counter(entry.candidate for entry in self.run.entries(Evaluated))
        return [key for counter in (executed, evaluated) for key, count in counter.items() if count > 1]


def lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def journal_of(run: Run | None) -> bytes:
    assert run is not None
    return (run.folder / "journal.jsonl").read_bytes()
