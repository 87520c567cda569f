"""The process in which Prefect's worker runs a flow: it outlives its worker, and ends quickly."""

import atexit
import gc
import logging
import os
from collections.abc import Iterator
from functools import partial

from prefect.logging.handlers import PrefectConsoleHandler
from rich.console import Console

STDOUT, STDERR = 1, 2


def prepare_process() -> None:
    """To be called before the work.

    Its output goes to the worker, and rich leaves the program when nobody reads any more: the run would end some lines after its worker.
    And an interpreter takes two seconds to take apart all that was imported, in which a cancelled run is not yet seen to have ended.
    """
    for handler in _console_handlers():
        handler.console.on_broken_pipe = partial(_go_quiet, handler.console)  # type: ignore[method-assign]
    atexit.register(gc.freeze)


def _console_handlers() -> Iterator[PrefectConsoleHandler]:
    loggers = [logging.root, *(each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    return (handler for logger in loggers for handler in logger.handlers if isinstance(handler, PrefectConsoleHandler))


def _go_quiet(console: Console) -> None:
    """The log still goes to the API."""
    console.quiet = True
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (STDOUT, STDERR):
        os.dup2(nowhere, stream)
    os.close(nowhere)
