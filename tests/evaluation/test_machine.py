import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluation import MachineSlots, Slots
from evaluation.machine import cores, gpu_shares

ROOT = Path(__file__).parents[2]
HOLDER = """
import asyncio, sys, time
from pathlib import Path
from evaluation import MachineSlots, Slots

async def execute(slots):
    async with slots.take():
        print(sys.argv[1], time.monotonic(), "+", flush=True)
        await asyncio.sleep(float(sys.argv[4]))
        print(sys.argv[1], time.monotonic(), "-", flush=True)

async def main():
    slots = Slots(int(sys.argv[3]), (), MachineSlots(Path(sys.argv[2]), 2), int(sys.argv[6]))
    await asyncio.gather(*(execute(slots) for _ in range(int(sys.argv[5]))))

asyncio.run(main())
"""


def holder(name: str, folder: Path, slots: int, seconds: float, times: int, threads: int = 1) -> subprocess.Popen[str]:
    words = [name, str(folder), str(slots), str(seconds), str(times), str(threads)]
    return subprocess.Popen([sys.executable, "-c", HOLDER, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_runs_together_never_have_more_executions_than_the_machine_has_slots(tmp_path: Path) -> None:
    runs = [holder(name, tmp_path / "slots", 2, 0.05, 20) for name in "ab"]
    lines = [line.split() for run in runs for line in run.communicate(timeout=60)[0].splitlines()]
    at_once, most, turns = 0, 0, []
    for name, _, change in sorted(lines, key=lambda line: (float(line[1]), line[2] == "+")):
        at_once += 1 if change == "+" else -1
        most = max(most, at_once)
        turns += [name] if change == "+" else []
    assert most == 2
    assert len(turns) == 40
    # Fair: while both wait, neither has the slots for itself for long.
    begin, end = max(turns.index(name) for name in "ab"), min(len(turns) - turns[::-1].index(name) for name in "ab")
    both = "".join(turns[begin:end])
    assert "a" * 10 not in both and "b" * 10 not in both


def test_two_runs_of_one_slot_use_two_cores(tmp_path: Path) -> None:
    runs = [holder(name, tmp_path, 1, 0.1, 20) for name in "ab"]
    lines = [line.split() for run in runs for line in run.communicate(timeout=60)[0].splitlines()]
    at_once, most = 0, 0
    for _, _, change in sorted(lines, key=lambda line: (float(line[1]), line[2] == "+")):
        at_once += 1 if change == "+" else -1
        most = max(most, at_once)
    assert most == 2


def test_a_run_with_two_threads_a_slot_takes_two_cores(tmp_path: Path) -> None:
    runs = [holder("a", tmp_path, 1, 0.1, 5, threads=2), holder("b", tmp_path, 2, 0.1, 5)]
    lines = [line.split() for run in runs for line in run.communicate(timeout=60)[0].splitlines()]
    busy, most = 0, 0
    for name, _, change in sorted(lines, key=lambda line: (float(line[1]), line[2] == "+")):
        busy += (2 if name == "a" else 1) * (1 if change == "+" else -1)
        most = max(most, busy)
    assert most == 2


async def test_places_of_a_run_that_was_killed_are_free_at_once(tmp_path: Path) -> None:
    killed = holder("a", tmp_path, 1, 600, 1)
    assert killed.stdout is not None and killed.stdout.readline()
    slots = Slots(1, (), MachineSlots(tmp_path, 1))

    async def wait() -> float:
        async with slots.take():
            return time.monotonic()

    waiting = asyncio.ensure_future(wait())
    await asyncio.sleep(0.2)
    assert not waiting.done()
    killed.kill()
    assert await asyncio.wait_for(waiting, 2) > 0
    killed.communicate()


async def test_who_gives_up_waiting_leaves_nothing_locked(tmp_path: Path) -> None:
    slots = Slots(2, (), MachineSlots(tmp_path, 2))
    async with MachineSlots(tmp_path).hold(cores(2), 2):
        waiting = asyncio.ensure_future(slots.take().__aenter__())
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(1), slots.take(), slots.take():
        pass


async def test_two_slots_share_one_gpu_and_no_third(tmp_path: Path) -> None:
    slots, other = (Slots(2, ["0"], MachineSlots(tmp_path)) for _ in range(2))
    assert (slots.gpu_share, Slots(2, ["0", "1"]).gpu_share, Slots(3).gpu_share) == (0.5, 1.0, 1.0)
    assert len(gpu_shares("0", 2)) == 2
    async with slots.take() as first, other.take() as second:
        assert (first, second) == ("0", "0")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), slots.take():
                pass


async def test_without_a_place_for_locks_the_run_goes_on_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    slots = Slots(2, (), MachineSlots(tmp_path / "file"))
    async with slots.take(), slots.take():
        pass
    assert caplog.text.count("no locks can be made") == 1


async def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "turnstile").symlink_to(tmp_path / "elsewhere")
    async with MachineSlots(tmp_path).hold(cores(1), 1):
        pass
    assert "elsewhere" not in [path.name for path in tmp_path.iterdir()]  # noqa: ASYNC240
