"""Carrying this project's own source into a standalone script: without its imports of the project, and without clashes of names."""

import ast
import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from journal import parse_python

PROJECT = frozenset({"competitions", "ensembles", "journal", "sandbox"})
"""Packages whose imports are dropped: what they name has to be embedded too, or defined by the script."""


@dataclass(frozen=True)
class Embedded:
    """Source to be put into a script: the import lines it needs, and titled pieces of code."""

    imports: tuple[str, ...]
    pieces: tuple[tuple[str, str], ...]
    """(the first sentence of the docstring, the code)"""
    names: frozenset[str]
    """All top-level names that the pieces define."""


def embed(parts: Sequence[ModuleType | type]) -> Embedded:
    """The source of modules and classes, in order. The script must begin with `from __future__ import annotations`, because the names
    in annotations are not all there.

    Raises:
        ValueError: two parts define the same name.
    """
    imports: set[str] = set()
    pieces: list[tuple[str, str]] = []
    owner: dict[str, str] = {}
    for part in parts:
        source = inspect.getsource(part)
        tree = parse_python(source)
        for name in _defined(tree):
            if name in owner:
                raise ValueError(f"{part.__name__} and {owner[name]} both define {name!r}; rename it in one of them")
            owner[name] = part.__name__
        module = part if isinstance(part, ModuleType) else sys.modules[part.__module__]
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        imports |= _imports(parse_python(inspect.getsource(module)), used)
        pieces.append(((inspect.getdoc(part) or part.__name__).split(". ")[0].splitlines()[0].rstrip(".:"), _body(source, tree)))
    return Embedded(tuple(sorted(imports)), tuple(pieces), frozenset(owner))


def imported_packages(code: str) -> frozenset[str]:
    """The top-level packages that a script imports, the standard library's left out."""
    names = set()
    for statement in ast.walk(parse_python(code)):
        if isinstance(statement, ast.Import):
            names |= {alias.name.split(".")[0] for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            names.add(statement.module.split(".")[0])
    return frozenset(names - sys.stdlib_module_names)


def _imports(tree: ast.Module, used: set[str]) -> set[str]:
    """The module's imports of names that are used, one a line, those of the project left out."""
    lines = set()
    for statement in tree.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        for alias in statement.names:
            origin = statement.module or "" if isinstance(statement, ast.ImportFrom) else alias.name
            if origin.split(".")[0] not in PROJECT and (alias.asname or alias.name.split(".")[0]) in used:
                alone = ast.ImportFrom(statement.module, [alias], 0) if isinstance(statement, ast.ImportFrom) else ast.Import([alias])
                lines.add(ast.unparse(alone))
    return lines


def _body(source: str, tree: ast.Module) -> str:
    """The source without the module's docstring and imports; comments stay."""
    lines = source.splitlines()
    gone: set[int] = set()
    for place, statement in enumerate(tree.body):
        is_docstring = place == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_docstring or isinstance(statement, ast.Import | ast.ImportFrom):
            gone |= set(range(statement.lineno - 1, statement.end_lineno or statement.lineno))
    return "\n".join(line for number, line in enumerate(lines) if number not in gone).strip("\n")


def _defined(tree: ast.Module) -> list[str]:
    names = []
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.append(name)
            case ast.Assign(targets=targets):
                names += [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return names
