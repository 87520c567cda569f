"""A solution: one Python script in percent-cell format, made of named blocks."""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from journal.syntax import parse_python

CELL = re.compile(r"^# %%[ \t]*(.*?)[ \t]*$", re.MULTILINE)


class SolutionError(ValueError):
    """The text is no solution, or an edit would leave none: it does not parse, or names a block that is not there."""


@dataclass(frozen=True)
class Block:
    """One cell: its title (unique within the solution) and its source without the cell line."""

    title: str
    source: str

    def __str__(self) -> str:
        return f"# %% {self.title}\n{self.source}\n"


@dataclass(frozen=True)
class Solution:
    """Blocks in order; `str(solution)` is the script. Addressed by title, replaced by position, never by searching for text."""

    blocks: tuple[Block, ...]

    @classmethod
    def parse(cls, code: str) -> "Solution":
        """Read a script: by its cells, or, where it has none, by its top-level statements.

        Raises:
            SolutionError: the script is empty or is not valid Python.
        """
        _check_python(code)
        pieces = _cells(code) if CELL.search(code) else _statements(code)
        blocks = _unique(Block(title, source.strip("\n").rstrip()) for title, source in pieces if source.strip())
        if not blocks:
            raise SolutionError("the script is empty")
        return cls(blocks)

    def __str__(self) -> str:
        return "\n".join(str(block) for block in self.blocks)

    def __iter__(self) -> Iterator[Block]:
        return iter(self.blocks)

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(block.title for block in self.blocks)

    @property
    def digest(self) -> str:
        """SHA-256 of the script, hexadecimal."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def block(self, title: str) -> Block:
        return self.blocks[self._position(title)]

    def replace(self, title: str, source: str) -> "Solution":
        """The same solution with one block's source exchanged; an empty source removes the block.

        Raises:
            SolutionError: no block has the title, nothing would change, or the result is not valid Python.
        """
        position = self._position(title)
        source = source.strip("\n").rstrip()
        if source == self.blocks[position].source:
            raise SolutionError(f"block {title!r}: the replacement equals what is there")
        changed = (Block(title, source),) if source else ()
        return self._checked(self.blocks[:position] + changed + self.blocks[position + 1 :])

    def insert_after(self, title: str, block: Block) -> "Solution":
        """The same solution with a further block behind the named one.

        Raises:
            SolutionError: no block has the title, the new title is taken, or the result is not valid Python.
        """
        if block.title in self.titles:
            raise SolutionError(f"there is a block {block.title!r} already")
        position = self._position(title) + 1
        return self._checked((*self.blocks[:position], block, *self.blocks[position:]))

    def _position(self, title: str) -> int:
        if title not in self.titles:
            raise SolutionError(f"no block {title!r}; there are: {', '.join(self.titles)}")
        return self.titles.index(title)

    @staticmethod
    def _checked(blocks: tuple[Block, ...]) -> "Solution":
        solution = Solution(blocks)
        _check_python(str(solution))
        return solution


def changed_blocks(before: Solution, after: Solution) -> tuple[str, ...]:
    """Titles of the blocks that differ between two solutions, removed and added ones included, in the order of `after`, then `before`."""
    old, new = ({block.title: block.source for block in solution} for solution in (before, after))
    titles = dict.fromkeys((*after.titles, *before.titles))
    return tuple(title for title in titles if old.get(title) != new.get(title))


def _check_python(code: str) -> None:
    try:
        parse_python(code)
    except (SyntaxError, ValueError) as error:  # ValueError: null bytes
        line = getattr(error, "lineno", None)
        raise SolutionError(f"not valid Python: {error}" + (f" (line {line})" if line and "line" not in str(error) else "")) from error


def _cells(code: str) -> list[tuple[str, str]]:
    """(title, source) of each cell; what stands before the first cell line is a cell 'head'."""
    parts = CELL.split(code)
    return [("head", parts[0]), *((title or "untitled", source) for title, source in zip(parts[1::2], parts[2::2], strict=True))]


def _statements(code: str) -> list[tuple[str, str]]:
    """(title, source) by the syntax tree: leading imports together, every further top-level statement with the comments above it."""
    lines = code.splitlines()
    pieces: list[tuple[str, str]] = []
    start = 0
    for statement in parse_python(code).body:
        end = statement.end_lineno or statement.lineno
        title = _title(statement)
        source = "\n".join(lines[start:end])
        if pieces and title == pieces[-1][0] == "imports":
            source = pieces.pop()[1] + "\n" + source
        if end > start:
            pieces.append((title, source))
        start = max(start, end)
    return pieces


def _title(statement: ast.stmt) -> str:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return "imports"
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return type(statement).__name__.lower()


def _unique(blocks: Iterator[Block]) -> tuple[Block, ...]:
    """The blocks with repeated titles numbered: 'fit', 'fit 2', 'fit 3'."""
    seen: Counter[str] = Counter()
    named = []
    for block in blocks:
        seen[block.title] += 1
        count = seen[block.title]
        named.append(block if count == 1 else Block(f"{block.title} {count}", block.source))
    return tuple(named)
