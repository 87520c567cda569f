"""Work on a run as a person at a terminal sees it: the live display, the questions, the summary and the exit status."""

import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from journal import Run

EXIT_WAITING = 3
"""The run waits for a person's answer."""


def watched(work: "Callable[[Callable[[Path], None]], Run]") -> None:
    """Do the work under the live display, ask what it asks where there is a terminal, then sum up.

    Raises:
        typer.Exit: with 1 where there is no valid submission, with 3 where the run waits for a person, with 130 where it was aborted.
    """
    from mlestar.formats import console
    from mlestar.summary import has_submission, print_summary

    out = console()
    done = _displayed(work, out)
    while done.questions and sys.stdin.isatty():
        _answer(done)
        done = _displayed(partial(_again, done.folder), out)
    print_summary(done, out)
    if done.questions:
        typer.echo(f"mlestar: the run waits for you: `mlestar approve {shlex.quote(str(done.folder))}`", err=True)
        raise typer.Exit(EXIT_WAITING)
    if not has_submission(done):
        typer.echo(f"mlestar: there is no valid submission — see `mlestar show {shlex.quote(str(done.folder))}` for what failed", err=True)
        raise typer.Exit(1)


def _displayed(work: "Callable[[Callable[[Path], None]], Run]", out: "Console") -> "Run":
    from mlestar.display import Display
    from mlestar.interrupts import EXIT_ABORTED, gentle_interrupts

    display = Display(out)
    try:
        with gentle_interrupts(display), display:
            done = work(display.started)
    except KeyboardInterrupt:
        again = f"; go on with `mlestar resume {shlex.quote(str(display.run.folder))}`" if display.run is not None else ""
        typer.echo(f"aborted{again}", err=True)
        raise typer.Exit(EXIT_ABORTED) from None
    done.refresh()
    return done


def _again(folder: Path, on_started: Callable[[Path], None]) -> "Run":
    from mlestar.solving import resume as again

    return again(folder, on_started=on_started)


def _answer(run: "Run") -> None:
    from mlestar.approving import ask, record

    for question in run.questions:
        record(run.folder, ask(question))


def take_up(folder: Path, more_seconds: float | None = None, more_evaluations: int | None = None) -> None:
    """Go on with a run under the live display."""
    from mlestar.solving import resume as again

    watched(lambda on_started: again(folder, more_seconds=more_seconds, more_evaluations=more_evaluations, on_started=on_started))
