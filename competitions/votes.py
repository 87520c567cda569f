"""Several models' answers of a kind that has no mean, as one. Imports the standard library only, because generated scripts carry it."""

from collections import Counter
from collections.abc import Sequence

from competitions.masks import at_least, parse_runs, render_runs
from competitions.texts import word_overlap


def voted_text(texts: Sequence[str]) -> str:
    """The most frequent text; of equally frequent ones that which shares most words with all."""
    counts = Counter(texts)
    most = max(counts.values())
    return max((text for text in counts if counts[text] == most), key=lambda text: sum(word_overlap(text, other) for other in texts))


def voted_ranking(cells: Sequence[str], most: int | None) -> str:
    """Labels by the sum of 1 / place over the models, at most `most` of them; of equal ones that which came first."""
    points: dict[str, float] = {}
    for cell in cells:
        for place, label in enumerate(dict.fromkeys(cell.split()), 1):
            points[label] = points.get(label, 0.0) + 1 / place
    return " ".join(sorted(points, key=lambda label: -points[label])[:most])


def voted_mask(cells: Sequence[str]) -> str:
    """The pixels that more than half of the models' masks have, or half of them."""
    return render_runs(at_least([parse_runs(cell) for cell in cells], len(cells) / 2))
