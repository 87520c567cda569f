"""Is a model's code a solution? It parses, has blocks, keeps to the contract, and imports what is installed."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator, Sequence

from engineers.interface import names, provides
from engineers.llm.answers import AnswerError
from journal import Block, Solution, SolutionError, parse_python

FEWEST_CELLS = 3
CELL = re.compile(r"^# ?%%.*$", re.MULTILINE)
ELSEWHERE = re.compile(r"""["'](/kaggle/|\.\./input|/input/)""")
SHOWN = 8


def checked_script(code: str) -> Solution:
    """A whole script that may be evaluated.

    Raises:
        AnswerError: what is wrong with it, as the model is told.
    """
    try:
        solution = Solution.parse(re.sub(r"^#%%", "# %%", code, flags=re.MULTILINE))
    except SolutionError as error:
        raise AnswerError(f"The script is {error}.") from error
    if len(CELL.findall(code)) < FEWEST_CELLS:
        raise AnswerError(f"The script has fewer than {FEWEST_CELLS} cells. Begin every step with a line `# %% name`.")
    if "submission.csv" not in code:
        raise AnswerError("The script does not write ./submission.csv.")
    if "input" not in code:
        raise AnswerError("The script does not read ./input/.")
    if match := ELSEWHERE.search(code):
        raise AnswerError(f"The script reads {match[1]!r}; the files lie in ./input/.")
    check_imports(code)
    return solution


def checked_block(solution: Solution, title: str, code: str) -> str:
    """The new source of one block; where the model gave the whole script or the cell's line with it, the block is taken out of that.

    Raises:
        AnswerError: it does not fit in, changes nothing, or takes a name away that later blocks use.
    """
    source = _one_block(solution, title, code)
    try:
        changed = solution.replace(title, source)
    except SolutionError as error:
        raise AnswerError(f"The script with the new block cannot be used: {error}.") from error
    lost = sorted(provides(solution, title) - _defined(changed, title))
    if source.strip() and lost:
        raise AnswerError(f"The block does not define {_listed(lost)} any more, which later blocks use.")
    check_imports(source)
    return source


def check_imports(code: str) -> None:
    """Raises AnswerError naming the packages that are not installed; an import within `try` may fail."""
    missing = sorted({root for root in _roots(parse_python(code).body) if not _is_there(root)})
    if missing:
        raise AnswerError(f"It imports {_listed(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed and cannot be.")


def _one_block(solution: Solution, title: str, code: str) -> str:
    cells = CELL.findall(code)
    if not cells:
        return code
    try:
        given = Solution.parse(code)
    except SolutionError as error:
        raise AnswerError(f"The block is {error}.") from error
    if title in given.titles:
        return given.block(title).source
    if len(given.blocks) == 1:
        return given.blocks[0].source
    if not set(given.titles) & set(solution.titles):  # the block, cut into cells of its own
        return CELL.sub("", code).strip("\n")
    raise AnswerError(f"It holds other blocks ({_listed(given.titles)}). Answer with the block {title!r} only.")


def _defined(solution: Solution, title: str) -> set[str]:
    last = solution.titles.index(title) if title in solution.titles else -1
    return set().union(*(names(Block("", block.source), stored=True) for block in solution.blocks[: last + 1]))


def _roots(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """Root packages of the imports that must not fail."""
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name.split(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            yield (statement.module or "").split(".")[0]
        elif isinstance(statement, ast.Try):
            continue
        else:
            yield from _roots([child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)])


def _is_there(root: str) -> bool:
    if root in sys.stdlib_module_names or root in sys.modules:
        return True
    try:
        return importlib.util.find_spec(root) is not None
    except (ImportError, ValueError):
        return False


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(f"`{word}`" for word in words[:SHOWN])
    return shown if len(words) <= SHOWN else f"{shown} and {len(words) - SHOWN} more"
