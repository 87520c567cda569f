"""Python's syntax tree, also while other threads read theirs."""

import ast

TRIES = 10


def parse_python(code: str) -> ast.Module:
    """As `ast.parse`, again where CPython 3.11 loses count.

    There, a garbage collection amid the making of a tree may let another thread make one, and both count their depth in one place
    ("AST constructor recursion depth mismatch", python/cpython#106905).

    Raises:
        SyntaxError, ValueError: as `ast.parse` does.
    """
    for _ in range(TRIES - 1):
        try:
            return ast.parse(code)
        except SystemError:
            continue
    return ast.parse(code)
