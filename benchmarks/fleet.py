"""Servers, workers and network namespaces for the benchmark of the `workers` runner, and the runs whose candidates sleep.

    python -m benchmarks.fleet COMPETITION RUNS ID STORAGE [--evaluations 48] [--sleep 2] [--batch 16]

carries out one such run on the server that PREFECT_API_URL names; STORAGE '-' runs the scripts on this machine.
"""

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from competitions import make_brief
from engineers import Attempt, Proposal, RecipesEngineer
from flows.carry import in_flow
from flows.workshop import Order, new_run
from journal import ModelCard, Run, Settings, Solution
from tests.flows.processes import ROOT, Processes, fresh_environment

NETWORK = "10.213.77"
SCRIPT = """# %% all
import csv, time
time.sleep({seconds})
rows = list(csv.DictReader(open("input/test.csv")))
with open("submission.csv", "w") as file:
    file.write("id,y\\n")
    file.writelines(f"{{row['id']}},{number}\\n" for row in rows)
"""


class SleepingEngineer(RecipesEngineer):
    """Every proposal is another script that sleeps, then answers with a constant of its own."""

    name = "sleeping"

    def sleeping(self, run: str, seconds: float) -> "SleepingEngineer":
        """Scripts of one run differ from those of all others."""
        self.code, self.numbers = f"# {run}\n{SCRIPT.replace('{seconds}', str(seconds))}", count(1)
        return self

    async def retrieve(self, count: int) -> tuple[ModelCard, ...]:  # noqa: ARG002
        """One card, and nothing else."""
        return (ModelCard(name="sleeps", family="none", why="", code=self.code.format(number=0), source="benchmark"),)

    async def draft(self, card: ModelCard) -> Proposal | None:  # noqa: ARG002
        """The next constant: of equal scripts, only one would be executed."""
        return self._next()

    async def improve(self, solution: Solution, attempts: Sequence[Attempt]) -> Proposal | None:  # noqa: ARG002
        """The next constant."""
        return self._next()

    def _next(self) -> Proposal:
        number = next(self.numbers)
        return Proposal(f"sleeps, {number}", "", self.code.format(number=number))


async def sleep_run(competition: Path, runs: Path, name: str, storage: str | None, evaluations: int, sleep: float, batch: int) -> Run:
    """A whole run of the state machine as a flow run, one fold a candidate."""
    settings = Settings(
        policy="flat",
        tracks=1,
        models=1,
        folds=1,
        ensemble_rounds=0,
        racing=False,
        evaluations=evaluations,
        batch=batch,
        slots=16 if storage else None,
        runner="workers" if storage else "auto",
        storage=storage,
    )
    workshop = await asyncio.to_thread(new_run, Order(competition, settings, runs, name))
    engineer = SleepingEngineer(make_brief(workshop.views.competition)).sleeping(name, sleep)
    await in_flow(replace(workshop, context=partial(workshop.context, engineer=engineer)))
    return workshop.run


@dataclass
class Fleet:
    """A server, a storage, and workers on it, below one folder in which each has its own."""

    folder: Path
    processes: Processes
    api: str = ""

    @property
    def storage(self) -> Path:
        return self.folder / "storage"

    def environment(self, name: str) -> dict[str, str]:
        """Of a process with a home, a cache and temporary files of its own."""
        mine = self.folder / "homes" / name
        (mine / "tmp").mkdir(parents=True, exist_ok=True)
        return fresh_environment(mine) | {"PREFECT_API_URL": self.api, "TMPDIR": str(mine / "tmp"), "PREFECT_LOGGING_LEVEL": "WARNING"}

    def server(self, database: str = "", host: str = "127.0.0.1") -> None:
        """Start it; on SQLite unless a database is given."""
        environment = self.environment("server") | ({"PREFECT_API_DATABASE_CONNECTION_URL": database} if database else {})
        self.api = self.processes.server(environment, host=host)

    def worker(self, name: str, slots: int, namespace: str = "") -> int:
        """Start one; in a network namespace, it sees no home but its own either."""
        prefix: tuple[str, ...] = ()
        if namespace:
            mine = self.folder / "homes" / name
            hide = (
                f"mkdir -p {self.folder}/runs; mount --bind {mine} {mine}; cd {ROOT}; "
                f"for each in {self.folder}/homes/* {self.folder}/runs; do "
                f'[ "$each" = {mine} ] || mount -t tmpfs none "$each"; done; exec "$@"'
            )
            prefix = ("ip", "netns", "exec", namespace, "unshare", "--mount", "sh", "-ec", hide, "sh")
        return self.processes.worker(self.environment(name), self.storage, "--slots", str(slots), prefix=prefix)

    def run(self, competition: Path, name: str, evaluations: int, sleep: float, batch: int, local: bool = False) -> "subprocess.Popen[str]":
        """Start a run in a process of its own."""
        command = [sys.executable, "-m", "benchmarks.fleet", str(competition), str(self.folder / "runs"), name]
        command += ["-" if local else str(self.storage)]
        command += ["--evaluations", str(evaluations), "--sleep", str(sleep), "--batch", str(batch)]
        log = (self.folder / f"{name}.log").open("w")
        return subprocess.Popen(command, cwd=ROOT, env=self.environment(name), stdout=log, stderr=log, text=True)


def wait_for(process: "subprocess.Popen[str]", log: Path, seconds: float) -> None:
    """Until a run has ended well."""
    if process.wait(seconds) != 0:
        raise RuntimeError(f"a run failed:\n{log.read_text()[-3000:]}")


@contextmanager
def network_namespaces(names: Sequence[str]) -> Iterator[str]:
    """Make them, each joined to this machine by a cable of its own; gives the address of this machine that all of them reach."""
    address = f"{NETWORK}.1"
    _remove(names)  # of one that was killed
    try:
        for number, name in enumerate(names):
            subnet = f"{NETWORK}.{4 * number}"
            here, there = (f"{NETWORK}.{4 * number + last}" for last in (1, 2))
            _ip("netns", "add", name)
            _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("addr", "add", f"{here}/30", "dev", name)
            _ip("link", "set", name, "up")
            for command in (("addr", "add", f"{there}/30", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up")):
                _ip("-n", name, *command)
            if subnet != f"{NETWORK}.0":
                _ip("-n", name, "route", "add", f"{NETWORK}.0/30", "via", here)
        yield address
    finally:
        _remove(names)


def _remove(names: Sequence[str]) -> None:
    for name in names:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", name], check=False, capture_output=True)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="One run whose candidates sleep.")
    for name in ("competition", "runs", "id", "storage"):
        parser.add_argument(name)
    parser.add_argument("--evaluations", type=int, default=48)
    parser.add_argument("--sleep", type=float, default=2.0)
    parser.add_argument("--batch", type=int, default=16)
    options = parser.parse_args()
    storage = None if options.storage == "-" else options.storage
    work = sleep_run(Path(options.competition), Path(options.runs), options.id, storage, options.evaluations, options.sleep, options.batch)
    asyncio.run(work)


if __name__ == "__main__":
    main()
