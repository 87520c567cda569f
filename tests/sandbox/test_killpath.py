"""However the process ends that runs scripts: within five seconds no process of theirs is left, nor a file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.conformance import command_line, left_over

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
STUBBORN = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", MARK], {})
        os._exit(0)
time.sleep(600)
"""
PARENT = """
import asyncio
from pathlib import Path
from sandbox import Job, best_runner
async def main():
    runner = best_runner(isolation=ISOLATION)
    await asyncio.gather(*(runner.execute(Job(CODE, VIEW, OUTPUT / str(number))) for number in range(2)))
asyncio.run(main())
"""


@pytest.mark.parametrize("isolation", ["auto", "none"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_nothing_is_left_after_five_seconds(number: signal.Signals, isolation: str, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    for folder in (tmp_path / "view", scratch):
        folder.mkdir()
    code = f"MARK = {str(scratch)!r}\n{STUBBORN}"
    given = f"CODE, VIEW, OUTPUT, ISOLATION = {code!r}, {str(tmp_path / 'view')!r}, Path({str(tmp_path / 'output')!r}), {isolation!r}"
    source = PARENT.replace("async def main", f"{given}\nVIEW = Path(VIEW)\nasync def main")
    parent = subprocess.Popen(
        [sys.executable, "-c", source], cwd=ROOT, env={**os.environ, "TMPDIR": str(scratch)}, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: sum("time.sleep(600)" in " ".join(command_line(process)[:3]) for process in daemons(scratch)) >= 6, 60)
        parent.send_signal(number)
        wait_until(lambda: parent.poll() is not None and not left_over(str(scratch)), 5)
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: not list(scratch.iterdir()), 5)


def daemons(scratch: Path) -> list:  # type: ignore[type-arg]
    """The processes that the scripts detached."""
    return [process for process in left_over(str(scratch)) if str(scratch) in command_line(process)]


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)
