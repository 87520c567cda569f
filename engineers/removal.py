"""Ablation of a script that the catalogue does not know: blocks that can be taken out without leaving a name undefined."""

import ast
import re

from engineers.protocol import Variant
from journal import Block, Solution, SolutionError

MOST_REMOVALS = 5
MACHINERY = re.compile(r"read_(csv|table|json|parquet|excel)|to_csv|submission|\.predict\(|open\(")
"""What reads, predicts or writes is not switched off."""


def removals(solution: Solution) -> tuple[Variant, ...]:
    """At most five variants, each without one block, of which the rest still parses and defines the names that it uses."""
    found = []
    for position, block in enumerate(solution.blocks):
        if _imports_only(block) or MACHINERY.search(block.source) or _needed(solution, position):
            continue
        try:
            solution.replace(block.title, "")
        except SolutionError:
            continue
        found.append(Variant(block.title, f"without {block.title}", ""))
    return tuple(found[:MOST_REMOVALS])


def _imports_only(block: Block) -> bool:
    return all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in _body(block))


def _needed(solution: Solution, position: int) -> bool:
    """Whether a later block uses a name that only this block defines."""
    defined = _names(solution.blocks[position], stored=True)
    before = set().union(*(_names(block, stored=True) for block in solution.blocks[:position]))
    after = set().union(*(_names(block, stored=False) for block in solution.blocks[position + 1 :]))
    return bool((defined - before) & after)


def _names(block: Block, stored: bool) -> set[str]:
    """Names that the block binds at its top level and below, or that it reads."""
    names: set[str] = set()
    for node in (node for statement in _body(block) for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) == stored:
            names.add(node.id)
        elif stored and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif stored and isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


def _body(block: Block) -> list[ast.stmt]:
    try:
        return ast.parse(block.source).body
    except SyntaxError:  # a cell need not parse by itself; the script does
        return []
