"""What changed between two solutions, block by block."""

from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from journal import Solution, changed_blocks
from reports import text

Sign = Literal[" ", "+", "-", "@"]


@dataclass(frozen=True)
class DiffLine:
    """One line of a difference; '@' marks a place where unchanged lines were left out."""

    sign: Sign
    text: str


@dataclass(frozen=True)
class BlockChange:
    """One block that differs. `omitted` lines at its end were left out for size."""

    title: str
    kind: Literal["added", "removed", "changed"]
    lines: tuple[DiffLine, ...]
    omitted: int = 0


def block_changes(before: Solution | None, after: Solution, limit: int) -> list[BlockChange]:
    """The blocks that differ, in the order of the script, within about `limit` characters of HTML; no `before`: all are new."""
    old = {block.title: block.source for block in before or ()}
    new = {block.title: block.source for block in after}
    titles = changed_blocks(before, after) if before else after.titles
    changes = []
    for title in titles:
        kind: Literal["added", "removed", "changed"] = "added" if title not in old else "removed" if title not in new else "changed"
        lines = _lines(old.get(title, ""), new.get(title, ""))
        kept = _within(lines, limit)
        limit -= sum(map(_weight, lines[:kept]))
        changes.append(BlockChange(title, kind, tuple(lines[:kept]), len(lines) - kept))
    return changes


def _lines(old: str, new: str) -> list[DiffLine]:
    raw = list(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))[2:]  # the first two name files
    lines: list[DiffLine] = []
    for position, line in enumerate(raw):
        match line[:1]:
            case "@":
                if position:
                    lines.append(DiffLine("@", "…"))
            case "+":
                lines.append(DiffLine("+", line[1:]))
            case "-":
                lines.append(DiffLine("-", line[1:]))
            case _:
                lines.append(DiffLine(" ", line[1:]))
    return lines


def _weight(line: DiffLine) -> int:
    return text.weight(line.text) + (12 if line.sign in "+-" else 1)  # the mark's tags, the line's end


def _within(lines: list[DiffLine], limit: int) -> int:
    """How many leading lines fit."""
    for count, line in enumerate(lines):
        limit -= _weight(line)
        if limit < 0:
            return count
    return len(lines)
