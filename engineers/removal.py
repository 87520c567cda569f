"""Ablation of a script that the catalogue does not know: blocks that can be taken out without leaving a name undefined."""

import ast
import re

from engineers.interface import body, provides
from engineers.protocol import Variant
from journal import Block, Solution, SolutionError

MOST_REMOVALS = 5
MACHINERY = re.compile(r"read_(csv|table|json|parquet|excel)|to_csv|submission|\.predict\(|open\(")
"""What reads, predicts or writes is not switched off."""


def removals(solution: Solution) -> tuple[Variant, ...]:
    """At most five variants, each without one block, of which the rest still parses and defines the names that it uses."""
    found = []
    for block in solution:
        if _imports_only(block) or MACHINERY.search(block.source) or provides(solution, block.title):
            continue
        try:
            solution.replace(block.title, "")
        except SolutionError:
            continue
        found.append(Variant(block.title, f"without {block.title}", ""))
    return tuple(found[:MOST_REMOVALS])


def _imports_only(block: Block) -> bool:
    return all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in body(block))
