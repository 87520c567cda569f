"""Cancel, crash, outage and retry of deployed runs: a real server, real process workers, real kills.

`MLESTAR_REPEAT=5` does all of it so often; `MLESTAR_OUTAGE=60` keeps the server away for so many seconds.
"""

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from journal import Executed, Started
from tests.flows.processes import wait_until
from tests.flows.site import SMALL, FlowRun, Site, journal_of

pytestmark = pytest.mark.slow
REPEAT = int(os.environ.get("MLESTAR_REPEAT", "1"))
OUTAGE = float(os.environ.get("MLESTAR_OUTAGE", "15"))
SEEDS = itertools.count(1)


def parameters(**settings: object) -> dict[str, object]:
    """Of a run with a seed of its own: what earlier ones evaluated would come out of the store, too fast to be disturbed."""
    return {"competition": "wine-recognition", "settings": {**SMALL, "evaluations": 10, "seed": next(SEEDS), **settings}}


STUCK = """
# %% all
import subprocess, time
subprocess.Popen(["sleep", "{mark}"], start_new_session=True)
subprocess.Popen(["sh", "-c", "trap '' TERM; sleep {mark}; true"])
time.sleep(300)
"""


@pytest.fixture(scope="module", params=range(1, REPEAT + 1))
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        made.set_up()
        yield made
    finally:
        made.stop_all()


@pytest.fixture(scope="module")
def lost(site: Site) -> FlowRun:
    """A run whose machine is gone, with worker and flow. It is missed two minutes later; other tests go on meanwhile."""
    pid = site.a_worker()
    run = site.trigger(**parameters())
    run.wait_executions(4)
    site.kill_worker(pid)
    run.kill()
    return run


def test_nobody_reports_that_a_machine_is_lost_and_no_script_outlives_it(site: Site, lost: FlowRun) -> None:
    assert lost.state == "RUNNING"
    assert lost.executions() >= 4


def test_cancel_ends_the_run_and_every_process_of_its_scripts(site: Site, tmp_path: Path) -> None:
    site.a_worker()
    mark = f"30{os.getpid()}.{next(SEEDS)}"
    (tmp_path / "stuck.py").write_text(STUCK.format(mark=mark))
    run = site.trigger(**parameters(tracks=2, script_seconds=300), start=str(tmp_path / "stuck.py"))
    wait_until(lambda: any(f"sleep {mark}" in words for words in site.left_over(mark)), 120, "the script runs")
    asked = time.monotonic()
    run.cancel()
    wait_until(lambda: not site.left_over(mark), 60, "the processes of the run end")
    gone = time.monotonic() - asked
    wait_until(lambda: run.state == "CANCELLED", 60, "the run is cancelled")
    took = time.monotonic() - asked
    print(f"\ncancel: no process after {gone:.1f} s, cancelled after {took:.1f} s")
    assert took < 10
    assert not site.left_over(mark)
    assert run.run is not None and run.run.finished is None


def test_a_run_goes_on_where_it_was_when_its_flow_is_killed_and_then_its_worker(site: Site) -> None:
    """The flow is retried; its process then outlives its worker, and another worker takes up other runs, not this one."""
    pid = site.a_worker()
    run = site.trigger(**parameters())
    run.wait_executions(4)
    run.kill()
    run.wait_state("CRASHED", seconds=60)
    before, done = journal_of(run.run), run.executions()
    run.retry()
    run.wait_executions(done + 2)
    site.kill_worker(pid)
    site.start_worker()
    assert run.wait_end() == "COMPLETED"
    print(f"\nkilled after {done} of {run.executions()} executions, retried, worker killed: doubled {run.doubled()}")
    after = run.finished()
    assert journal_of(after).startswith(before)
    assert [entry.resumed for entry in after.entries(Started)] == [False, True]
    assert run.doubled() == []
    assert site.get(f"flow_runs/{run.id}")["run_count"] == 2
    site.nothing_left()


def test_a_lost_machine_is_noticed_and_its_run_retried_elsewhere(site: Site, lost: FlowRun) -> None:
    before, done = journal_of(lost.run), lost.executions()
    lost.wait_state("CRASHED", seconds=180)
    lost.retry()
    site.a_worker()
    lost.wait_state("RUNNING", "COMPLETED", seconds=120)
    assert lost.wait_end() == "COMPLETED"
    print(f"\nlost after {done} of {lost.executions()} executions, retried elsewhere: doubled {lost.doubled()}")
    assert journal_of(lost.finished()).startswith(before)
    assert lost.doubled() == []
    site.nothing_left()


def test_a_killed_server_misses_nothing(site: Site) -> None:
    """The run goes on while there is no server; back on its database, the server is told what happened in between."""
    site.a_worker()
    run = site.trigger(**parameters(evaluations=20, inner_steps=3))
    run.wait_executions(3)
    site.stop_server()
    before = run.executions()
    time.sleep(OUTAGE)
    meanwhile = run.executions() - before
    site.start_server()
    assert run.wait_end(seconds=150 + OUTAGE) == "COMPLETED"
    print(f"\nserver away for {OUTAGE:g} s: {meanwhile} of {run.executions()} executions meanwhile, doubled {run.doubled()}")
    assert meanwhile >= 2
    candidates = {entry.candidate for entry in run.finished().entries(Executed)}
    wait_until(lambda: told(run) == candidates, 150, "the server is told of all evaluations")
    assert run.doubled() == []
    keys = {artifact["key"] for artifact in site.post("artifacts/filter", {}) if artifact["flow_run_id"] == run.id}
    assert keys == {f"{kind}-wine-recognition" for kind in ("ablation", "scores", "progress", "report")}
    site.nothing_left()


def told(run: FlowRun) -> set[int]:
    """Candidates whose evaluation the server knows to be complete."""
    return {int(each["name"].split()[0]) for each in run.task_runs() if each["state"]["type"] == "COMPLETED"}
