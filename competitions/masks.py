"""Masks as run lengths: 'start length start length …', pixels counted from 1; an empty cell (or '-1') is an empty mask.

Imports the standard library only, because generated scripts carry this module's source with them.
"""

from collections.abc import Sequence
from itertools import pairwise

Runs = list[tuple[int, int]]
"""(first pixel, pixel after the last), sorted, apart from each other."""
EMPTY = frozenset(("", "-1", "nan"))


def parse_runs(cell: str) -> Runs:
    """The runs of a cell.

    Raises:
        ValueError: it does not hold pairs of whole numbers from 1, in order and apart.
    """
    if cell.strip() in EMPTY:
        return []
    numbers = [int(part) for part in cell.split()]
    if len(numbers) % 2 or any(number < 1 for number in numbers):
        raise ValueError("run lengths are pairs of whole numbers from 1: start length start length …")
    runs = [(start, start + length) for start, length in zip(numbers[::2], numbers[1::2], strict=True)]
    if any(after[0] < before[1] for before, after in pairwise(runs)):
        raise ValueError("runs must follow each other and not overlap")
    return runs


def render_runs(runs: Runs) -> str:
    """The cell of a mask."""
    return " ".join(f"{start} {end - start}" for start, end in runs)


def area(runs: Runs) -> int:
    """How many pixels a mask has."""
    return sum(end - start for start, end in runs)


def at_least(masks: Sequence[Runs], votes: float) -> Runs:
    """The pixels that so many of the masks have, or more."""
    steps: dict[int, int] = {}
    for runs in masks:
        for start, end in runs:
            steps[start] = steps.get(start, 0) + 1
            steps[end] = steps.get(end, 0) - 1
    found: Runs = []
    depth, since = 0, 0
    for place in sorted(steps):
        before, depth = depth, depth + steps[place]
        if before < votes <= depth:
            since = place
        elif depth < votes <= before:
            found.append((since, place))
    return found


def dice(first: str, second: str) -> float:
    """Twice the shared pixels by the pixels of both; 1 where both masks are empty."""
    one, other = parse_runs(first), parse_runs(second)
    size = area(one) + area(other)
    return 2 * area(at_least([one, other], 2)) / size if size else 1.0
