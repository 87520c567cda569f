"""What a block gives to the blocks after it: names, found by the syntax tree."""

import ast

from journal import Block, Solution, parse_python


def provides(solution: Solution, title: str) -> frozenset[str]:
    """Names that this block alone defines, of those defined before its end, and that a later block reads."""
    position = solution.titles.index(title)
    before = set().union(*(names(block, stored=True) for block in solution.blocks[:position]))
    after = set().union(*(names(block, stored=False) for block in solution.blocks[position + 1 :]))
    return frozenset((names(solution.blocks[position], stored=True) - before) & after)


def names(block: Block, stored: bool) -> set[str]:
    """Names that the block binds at its top level and below, or that it reads."""
    found: set[str] = set()
    for node in (node for statement in body(block) for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) == stored:
            found.add(node.id)
        elif stored and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif stored and isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return found


def body(block: Block) -> list[ast.stmt]:
    """The block's statements; none where the cell does not parse by itself, although the script does."""
    try:
        return parse_python(block.source).body
    except SyntaxError:
        return []
