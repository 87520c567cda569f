"""The command watch: follow a run that another process, or a worker, carries out."""

from pathlib import Path
from typing import Annotated

import typer

from mlestar.options import AsJson, RunName, RunsDir

CHECK_SECONDS = 0.5


def watch(
    run: RunName,
    once: Annotated[bool, typer.Option("--once", help="Print where it stands and end.")] = False,
    runs_dir: RunsDir = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """Follow a run of another process until it ends; Ctrl-C leaves the run alone. With --json: one document a new record of its journal."""
    from time import sleep

    from journal import open_run
    from mlestar.display import Display
    from mlestar.formats import console
    from mlestar.places import run_folder
    from mlestar.summary import print_summary
    from reports import progress_markdown

    found = open_run(run_folder(run, runs_dir))
    if once and not as_json:
        typer.echo(progress_markdown(found))
        return
    out, told = console(), 0
    try:
        with Display(out, from_the_start=True) as display:
            if not as_json:
                display.started(found.folder)
            while True:
                held = found.held  # before the last look at the journal: what is written until then is told
                found.refresh()
                if as_json:
                    for line in found.lines[told:]:
                        typer.echo(line.model_dump_json())
                    told = len(found.lines)
                if found.finished is not None or not held or once:
                    break
                sleep(CHECK_SECONDS)
    except KeyboardInterrupt:
        typer.echo(f"the run goes on; end it with `mlestar finish {found.info.id}`", err=True)
        return
    if not as_json:
        print_summary(found, out)
