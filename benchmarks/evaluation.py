"""What an execution costs: a new interpreter for each script, with no protection at all, against this engine in its strongest cage.

    python -m benchmarks.evaluation [--python PATH] [--scripts 100] [--slots 2]

Prints both side by side and, last, one JSON line. `first_line_ratio`: how many times sooner a script gets past its imports, the smaller of
the two kinds of scripts (without torch, where it is not installed: of one). `throughput_ratio`: how many times faster a number of short
scripts is done.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox import ExecutionResult, Job, Limits, best_runner

TABULAR = "import pandas\nimport sklearn.ensemble\nimport lightgbm\n"
NEURAL = TABULAR + "import torch\nimport torch.optim\n"
FIRST_LINE = "import time\nprint(time.monotonic())\n"
SHORT = """
train, test = pandas.read_csv("input/train.csv"), pandas.read_csv("input/test.csv")
model = lightgbm.LGBMClassifier(n_estimators=10, num_threads=1, verbose=-1).fit(train[["a", "b"]], train["y"])
pandas.DataFrame({"id": test.index, "y": model.predict(test[["a", "b"]])}).to_csv("submission.csv", index=False)
"""
VARIABLES = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Place:
    """Where the scripts run."""

    python: Path
    folder: Path

    @property
    def view(self) -> Path:
        return self.folder / "view"

    def fill(self) -> None:
        """Two hundred rows to learn from and fifty to predict."""
        self.view.mkdir()
        rows = [f"{number % 17},{number % 5},{int(number % 17 > 8)}" for number in range(250)]
        (self.view / "train.csv").write_text("\n".join(["a,b,y", *rows[:200]]) + "\n")
        (self.view / "test.csv").write_text("\n".join(["a,b,y", *rows[200:]]) + "\n")


async def cold(place: Place, code: str, number: int) -> str:
    """What most do: a new process of the interpreter. What it printed."""
    folder = place.folder / f"cold-{number}"
    folder.mkdir(exist_ok=True)
    (folder / "solution.py").write_text(code)
    if not (folder / "input").exists():
        (folder / "input").symlink_to(place.view)
    process = await asyncio.create_subprocess_exec(
        str(place.python), "solution.py", cwd=folder, env={**os.environ, **VARIABLES}, stdout=subprocess.PIPE
    )
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"a script failed in a plain process with status {process.returncode}")
    return printed.decode()


Execute = Callable[[Place, str, int], Awaitable[str]]


def engine(place: Place) -> tuple[str, Execute]:
    """This engine: its description, and how it executes a script."""
    runner = best_runner(place.python)

    async def execute(place: Place, code: str, number: int) -> str:
        result: ExecutionResult = await runner.execute(Job(code, place.view, place.folder / f"engine-{number}", Limits(seconds=120.0)))
        if result.returncode:
            raise RuntimeError(f"a script failed in the engine: {result.error}")
        return result.log

    return runner.describe(), execute


async def first_line(place: Place, execute: Execute, imports: str, times: int) -> float:
    """Median seconds from the request until the script is past its imports. One execution more, before, is not counted."""
    waits = []
    for _ in range(times + 1):
        asked = time.monotonic()
        waits.append(float(await execute(place, imports + FIRST_LINE, 0)) - asked)
    return statistics.median(waits[1:])


async def throughput(place: Place, execute: Execute, scripts: int, slots: int) -> float:
    """Seconds for so many short scripts, so many at a time."""
    waiting = iter(range(scripts))

    async def slot(place: Place) -> None:
        for number in waiting:
            await execute(place, TABULAR + SHORT, number)

    started = time.monotonic()
    await asyncio.gather(*(slot(place) for _ in range(slots)))
    return time.monotonic() - started


def has_torch(python: Path) -> bool:
    """Whether scripts can import it."""
    return subprocess.run([str(python), "-c", "import torch"], capture_output=True, check=False).returncode == 0


async def compare(place: Place, scripts: int, slots: int) -> dict[str, object]:
    """Measure both in turn and print them side by side; the figures of the JSON line."""
    description, execute = await asyncio.to_thread(engine, place)
    print(description, end="\n\n")
    print(f"{'':44}{'new process':>14}{'engine':>14}{'ratio':>9}")
    kinds = {"pandas + scikit-learn + lightgbm": TABULAR}
    if await asyncio.to_thread(has_torch, place.python):
        kinds["  + torch"] = NEURAL
    figures: dict[str, object] = {"isolation": description.split(":")[0], "torch": len(kinds) == 2}
    ratios = []
    for name, imports in kinds.items():
        plain, ours = await first_line(place, cold, imports, 7), await first_line(place, execute, imports, 15)
        ratios.append(plain / ours)
        print(f"{'first line, ' + name:44}{1000 * plain:11.0f} ms{1000 * ours:11.0f} ms{plain / ours:9.1f}")
        figures[f"first_line_ms_{name.split()[-1]}"] = [round(1000 * plain, 1), round(1000 * ours, 1)]
    plain, ours = await throughput(place, cold, scripts, slots), await throughput(place, execute, scripts, slots)
    print(f"{f'{scripts} short scripts on {slots} slots':44}{plain:12.1f} s{ours:12.1f} s{plain / ours:9.1f}")
    figures |= {"throughput_s": [round(plain, 2), round(ours, 2)], "scripts": scripts, "slots": slots}
    return figures | {"first_line_ratio": round(min(ratios), 1), "throughput_ratio": round(plain / ours, 1)}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="A new process for each script against this engine.")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="the candidates' interpreter")
    parser.add_argument("--scripts", type=int, default=100, help="short scripts for the throughput")
    parser.add_argument("--slots", type=int, default=2, help="scripts at the same time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(options.python, Path(folder))
        place.fill()
        print(json.dumps(asyncio.run(compare(place, options.scripts, options.slots))))


if __name__ == "__main__":
    main()
