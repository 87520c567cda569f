"""Trees are made in many threads at once, as proposals of several tracks are read."""

import ast
import gc
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from journal import parse_python

CODE = "\n".join(f"x{number} = [(({number} + 1) * 2) for _ in range(3) if {number} > [1, [2, [3]]][0]]" for number in range(60))


def pause(*_: object) -> None:
    """Lets other threads in."""
    time.sleep(0.0001)


def test_many_threads_at_once() -> None:
    """With collections amid the making of a tree, at which threads change: `ast.parse` of CPython 3.11 fails in each of these rounds."""
    usual = gc.get_threshold()
    gc.set_threshold(100)
    gc.callbacks.append(pause)
    try:
        with ThreadPoolExecutor(8) as threads:
            trees = list(threads.map(parse_python, [CODE] * 60))
    finally:
        gc.callbacks.remove(pause)
        gc.set_threshold(*usual)
    assert {ast.dump(tree) for tree in trees} == {ast.dump(parse_python(CODE))}


@pytest.mark.parametrize(("code", "error"), [("x = (", SyntaxError), ("x = '\0'", (SyntaxError, ValueError))])
def test_what_is_no_python_is_an_error(code: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_python(code)
