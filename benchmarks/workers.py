"""The `workers` runner: throughput, losses, overhead, and many runs at once. `python -m benchmarks.workers [PART…]`

    share      two workers in two network namespaces, with nothing in common but the storage and the server, against one: how many
               scripts a minute of one run's candidates that sleep; then one of the two is killed in the middle (needs root, iproute2)
    overhead   what an evaluation costs beyond its script's own time, at a running worker and on this machine: median
    many       4 runs at once with 300 evaluations each on a server on PostgreSQL: is each evaluation in its journal, once?
    compare    how long Prefect alone takes from dispatch to result: background tasks, and flow runs through `run_deployment`

Without PART: the first three. Lines of a table for each, then the figures as one line of JSON.
"""

import argparse
import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from benchmarks.dispatch import compare
from benchmarks.fleet import Fleet, network_namespaces, wait_for
from journal import Evaluated, Executed, Proposed, Run, Status
from tests.flows.postgres import postgres_server
from tests.flows.processes import Processes, wait_until
from tests.nodes.toy import make_toy

NAMESPACES = ("mlestar1", "mlestar2")
PATIENCE = 540.0


class Site:
    """A fleet and the competition of its runs."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.options = folder, options
        self.processes = Processes(folder / "logs")
        self.fleet = Fleet(folder, self.processes)
        self.competition = make_toy(folder / "competition")

    def start(self, name: str, evaluations: int, sleep: float, batch: int, local: bool = False) -> Callable[[], Run]:
        """Start a run; call what it gives for the finished run."""
        process = self.fleet.run(self.competition, name, evaluations, sleep, batch, local)

        def finished() -> Run:
            wait_for(process, self.folder / f"{name}.log", PATIENCE)
            return self.run(name)

        return finished

    def run(self, name: str) -> Run:
        """By its name."""
        return Run(self.folder / "runs" / "competition" / name)


def wrong(run: Run, evaluations: int) -> dict[str, int]:
    """What the journal has too little or too much of; all zeros: nothing lost, nothing doubled."""
    evaluated = Counter(entry.candidate for entry in run.entries(Evaluated))
    executed = Counter((entry.candidate, entry.fidelity, entry.result.fold) for entry in run.entries(Executed))
    proposed = {candidate.number for entry in run.entries(Proposed) for candidate in entry.candidates}
    return {
        "missing": evaluations - len(evaluated) + len(proposed - set(evaluated)) + (run.finished is None),
        "alike": len(run.tree().nodes) - len({node.candidate.digest for node in run.tree().nodes}),
        "doubled": sum(times - 1 for times in (*evaluated.values(), *executed.values())),
        "failed": sum(entry.result.status is not Status.OK for entry in run.entries(Executed)),
    }


def scripts_a_minute(run: Run) -> float:
    """From the last proposal of the batch, which is the whole search, to its last result."""
    begin = max(line.time for line in run.lines if isinstance(line.entry, Proposed))
    ends = [line.time for line in run.lines if isinstance(line.entry, Executed) and line.entry.fidelity == "search"]
    return 60 * len(ends) / (max(ends) - begin)


def share(site: Site) -> dict[str, object]:
    """One worker, two workers, two of which one is killed."""
    options, fleet = site.options, site.fleet
    count = options.share_evaluations
    with network_namespaces(NAMESPACES) as address:
        fleet.server(host=address)
        first = fleet.worker("first", 2, NAMESPACES[0])
        runs = {"one worker": told("one worker", site.start("one", count, options.sleep, count)(), count)}
        fleet.worker("second", 2, NAMESPACES[1])
        wait_until(lambda: workers(site, 2), 120, "the second worker")
        runs["two workers"] = told("two workers", site.start("two", count, options.sleep, count)(), count)
        finished = site.start("killed", count, options.sleep, count)
        wait_until(lambda: executions(site, "killed") > count // 4, PATIENCE, "a quarter of the run")
        fleet.processes.stop(first, signal.SIGKILL)
        runs["two, one killed"] = told("two, one killed", finished(), count)
        site.processes.stop_all()
    ratio = scripts_a_minute(runs["two workers"]) / scripts_a_minute(runs["one worker"])
    print(f"two against one: {ratio:.2f}")
    return {"ratio": round(ratio, 3), "killed": wrong(runs["two, one killed"], count)}


def told(name: str, run: Run, count: int) -> Run:
    """The same run; its line of the table is printed."""
    print(f"{name:16} {scripts_a_minute(run):6.1f} scripts a minute, {wrong(run, count)}", flush=True)
    return run


def workers(site: Site, count: int) -> bool:
    """Whether so many are connected to the server."""
    import httpx

    return len(httpx.post(f"{site.fleet.api}/task_workers/filter", json={}).json()) >= count


def executions(site: Site, name: str) -> int:
    """How many results the run has recorded so far."""
    journal = site.folder / "runs" / "competition" / name / "journal.jsonl"
    return journal.read_text().count('"kind":"executed"') if journal.exists() else 0


def overheads(run: Run) -> list[float]:
    """Seconds from a candidate's proposal to its recorded evaluation, beyond the script's own time; the first three are left out."""
    made: dict[int, float] = {}
    beyond = []
    for line in run.lines:
        if isinstance(line.entry, Proposed):
            made |= {candidate.number: line.time for candidate in line.entry.candidates}
        elif isinstance(line.entry, Evaluated):
            beyond.append(line.time - made[line.entry.candidate] - line.entry.evaluation.seconds)
    return beyond[3:]


def overhead(site: Site) -> dict[str, object]:
    """One evaluation after the other, each a task run of a flow run: by a worker, and by this machine's own runner."""
    count = site.options.overhead_evaluations
    site.fleet.server()
    site.fleet.worker("first", 2)
    runs = {"local": site.start("local", count, 0.0, 1, local=True)(), "workers": site.start("workers", count, 0.0, 1)()}
    site.processes.stop_all()
    figures = {}
    for name, run in runs.items():
        beyond = overheads(run)
        figures[name] = {"median": round(median(beyond), 3), "p90": round(quantiles(beyond, n=10)[-1], 3)}
        print(f"overhead, {name:8} median {median(beyond):.3f} s, 90 % within {quantiles(beyond, n=10)[-1]:.3f} s, of {len(beyond)}")
    return figures


def many(site: Site) -> dict[str, object]:
    """Runs at once, each a process of its own, two workers, PostgreSQL."""
    options = site.options
    with postgres_server() as database:
        site.fleet.server(database)
        for name in ("first", "second"):
            site.fleet.worker(name, 4)
        began = time.monotonic()
        started = [site.start(f"run{number}", options.evaluations, 0.0, 25) for number in range(options.runs)]
        runs = [finished() for finished in started]
        seconds = time.monotonic() - began
        site.processes.stop_all()
    faults = Counter[str]()
    for run in runs:
        faults.update(wrong(run, options.evaluations))
        print(f"{run.info.id}: {len(list(run.entries(Evaluated)))} evaluations, {wrong(run, options.evaluations)}")
    total = options.runs * options.evaluations
    print(f"{options.runs} runs at once on PostgreSQL: {total} evaluations in {seconds:.0f} s, {total / seconds:.1f} a second")
    return {"runs": options.runs, "evaluations": options.evaluations, "seconds": round(seconds), **faults}


PARTS: dict[str, Callable[[Site], dict[str, object]]] = {"share": share, "overhead": overhead, "many": many, "compare": compare}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Figures of the `workers` runner.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--sleep", type=float, default=2.0, help="share: seconds of a candidate")
    parser.add_argument("--share-evaluations", type=int, default=49)
    parser.add_argument("--overhead-evaluations", type=int, default=43)
    parser.add_argument("--runs", type=int, default=4, help="many: at once")
    parser.add_argument("--evaluations", type=int, default=300, help="many: of each run")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    figures = {}
    for name in options.parts or ("share", "overhead", "many"):
        with tempfile.TemporaryDirectory(prefix="mlestar-bench-") as folder:
            site = Site(Path(folder), options)
            try:
                figures[name] = PARTS[name](site)
            finally:
                site.processes.stop_all()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
