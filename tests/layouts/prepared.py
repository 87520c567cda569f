"""A layout as MLE-bench prepares it: the public folder, and private answers apart from it, each row with a mark of its own."""

import random
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from competitions import load_competition, read_tables
from tests.layouts.generators import LAYOUTS, Layout


@dataclass(frozen=True)
class Prepared:
    """A competition with answers that nobody but the grader may read."""

    folder: Path
    layout: Layout
    marks: tuple[str, ...]
    """What the answers' lines hold, and nothing else on this machine."""


def prepare(name: str, folder: Path) -> Prepared:
    """Make the layout of this name; the answers are values that the target has in train, and for pictures some grey."""
    layout = LAYOUTS[name](folder / "prepared" / "public")
    competition = load_competition(layout.folder)
    tables = read_tables(competition)
    answers = tables.sample[list(competition.id_columns)].copy()
    rng = random.Random(name)
    for target in competition.target_columns:
        answers[target] = rng.choices(["0.5"] if competition.pixels else tables.train[target].tolist(), k=len(answers))
    marks = tuple(f"private-{row:05}-{rng.getrandbits(64):016x}" for row in range(len(answers)))
    answers["note"] = marks
    private = folder / "prepared" / "private"
    private.mkdir()
    pd.DataFrame(answers).to_csv(private / "test.csv", index=False)
    return Prepared(folder, layout, marks)
