"""The command that answers what a run waits for."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mlestar.errors import UserError
from mlestar.options import RunName, RunsDir
from mlestar.watched import take_up


def approve(
    run: RunName,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Everything that is asked now, as it is proposed.")] = False,
    block: Annotated[str | None, typer.Option("--block", help="Refine this block instead.", show_default=False)] = None,
    plan: Annotated[str | None, typer.Option("--plan", help="Do this instead.", show_default=False)] = None,
    card: Annotated[
        list[Path] | None, typer.Option("--card", metavar="FILE", help="Draft from this model card first.", show_default=False)
    ] = None,
    runs_dir: RunsDir = Path("runs"),
) -> None:
    """Answer what a run with --approve waits for, and go on with it; without options, question by question."""
    from journal import open_run
    from mlestar.approving import as_given, ask, record
    from mlestar.places import run_folder

    found = open_run(run_folder(run, runs_dir))
    if not found.questions:
        raise UserError(f"run: {found.info.id!r} waits for no answer — see `mlestar show {found.info.id}`")
    first, *others = found.questions
    if block is not None or plan is not None or card:
        record(found.folder, as_given(first, block, plan, card or ()))
    elif yes:
        record(found.folder, *(as_given(question, None, None, ()) for question in (first, *others)))
        others = []
    elif sys.stdin.isatty():
        for question in (first, *others):
            record(found.folder, ask(question))
        others = []
    else:
        raise UserError("approve: there is no terminal to ask in — give --yes, --block, --plan or --card")
    if others:
        typer.echo(f"{len(others)} more to answer: run `mlestar approve {found.info.id}` again")
    else:
        take_up(found.folder)
