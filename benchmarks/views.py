"""How long views of a large table take, and how much memory: 1,000,000 rows × 30 columns, built, and then taken from the cache.

    python -m benchmarks.views [--rows 1000000] [--columns 30] [--place FOLDER]

Each step runs in a process of its own, so that its peak of memory is its own and nothing is left in memory from the step before.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

TEST_SHARE = 0.2


def write_table(folder: Path, rows: int, columns: int, seed: int = 0) -> None:
    """A competition of numbers, categories and a target of two classes."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, count, first in (("train", rows, 0), ("test", int(rows * TEST_SHARE), rows)):
        table = pd.DataFrame({"id": np.arange(first, first + count)})
        for number in range(columns - 2):
            table[f"x{number}"] = rng.normal(size=count).round(4) if number % 3 else rng.choice(["north", "south", "east", "west"], count)
        if name == "train":
            table["y"] = (rng.random(count) < 0.3).astype(int)
        else:
            pd.DataFrame({"id": table["id"], "y": 0.5}).to_csv(folder / "sample_submission.csv", index=False)
        table.to_csv(folder / f"{name}.csv", index=False)
    (folder / "description.md").write_text("# Evaluation\n\nArea under the ROC curve.\n")


def take(folder: Path, cache: Path) -> dict[str, float]:
    """Load the competition and take the views of every fold and the final one; seconds of the clock and of the processor, GiB, how many."""
    from competitions import Views, load_competition

    start = time.perf_counter()
    competition = load_competition(folder)
    loaded = time.perf_counter()
    views = Views(competition, cache)
    places = [views.view("full", fold) for fold in (*range(views.folds), None)]
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"load": loaded - start, "views": done - loaded, "cpu": time.process_time(), "peak_gib": peak, "count": len(places)}


def main() -> None:
    """Print what each step takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--place", type=Path)
    parser.add_argument("--step", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(take(arguments.place / "data", arguments.place / "cache")))
        return
    with tempfile.TemporaryDirectory(prefix="views-") as scratch:
        place = arguments.place or Path(scratch)
        write_table(place / "data", arguments.rows, arguments.columns)
        size = sum(path.stat().st_size for path in (place / "data").iterdir())
        print(f"{arguments.rows:,} rows × {arguments.columns} columns, {size / 1e6:.0f} MB")
        for name in ("first", "second"):
            step = [sys.executable, "-m", "benchmarks.views", "--step", "--place", str(place)]
            found = json.loads(subprocess.run(step, check=True, capture_output=True, text=True).stdout)
            taken = f"load {found['load']:6.2f} s, {found['count']} views {found['views']:6.2f} s (processor {found['cpu']:.1f} s)"
            print(f"{name:<6}  {taken}, peak {found['peak_gib']:.2f} GiB", flush=True)


if __name__ == "__main__":
    main()
