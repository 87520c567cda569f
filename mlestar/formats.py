"""Output for a terminal or a pipe: the console, JSON, and what a score gained."""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from reports import text

if TYPE_CHECKING:
    from rich.console import Console


def console() -> "Console":
    """Standard output; in a pipe or a file it writes plain text and never wraps a line."""
    from rich.console import Console

    plain = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    if not plain.is_terminal and "COLUMNS" not in os.environ:
        plain.width = PIPE_WIDTH
    return plain


PIPE_WIDTH = 160
"""Columns of a table that nobody looks at in a terminal."""


def print_json(value: Any) -> None:
    """One JSON document on standard output; paths and the like as text, never NaN."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str, allow_nan=False))


def format_gain(before: float, after: float, greater_is_better: bool) -> str:
    """'0.01234 better (1.3 %)', '0.5 worse (0.9 %)' or 'no change'; the percentage is of the score before."""
    difference = after - before if greater_is_better else before - after
    if not difference:
        return "no change"
    share = f" ({text.percent(abs(difference / before))})" if before else ""
    return f"{size(difference)} {'better' if difference > 0 else 'worse'}{share}"


def size(difference: float) -> str:
    """A difference of scores without its sign, three significant digits."""
    return f"{abs(difference):.3g}"


def compared(before: float, after: float, greater_is_better: bool, what: str) -> str:
    """'0.01 worse (1.2 %) than the best', 'equals its base'."""
    return f"equals {what}" if before == after else f"{format_gain(before, after, greater_is_better)} than {what}"
