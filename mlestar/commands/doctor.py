"""The command doctor: what of this machine mlestar can use, and what stands in its way."""

from pathlib import Path

import typer

from mlestar.options import AsJson, RunsDir

MARKS = {"good": ("ok", "green"), "note": ("--", "yellow"), "bad": ("NO", "red")}


def doctor(runs_dir: RunsDir = Path("runs"), as_json: AsJson = False) -> None:
    """Look at Python, packages, cores, memory, disk, GPU, weights, isolation, Docker, Prefect and keys; say how to mend what is amiss.

    The exit status is 1 where something stands in the way. Keys are never shown.
    """
    from rich.text import Text

    from mlestar.checks import check_all
    from mlestar.formats import console, print_json

    checks = check_all(runs_dir)
    if as_json:
        print_json([check.model_dump() for check in checks])
    else:
        out, width = console(), max(len(check.name) for check in checks)
        for check in checks:
            mark, style = MARKS[check.state]
            out.print(Text.assemble((mark, style), f"  {check.name:<{width}}  {check.found}"), soft_wrap=True)
            if check.remedy:
                out.print(Text(f"{'':<{width + 6}}{check.remedy}", style="dim"), soft_wrap=True)
    if any(check.state == "bad" for check in checks):
        raise typer.Exit(1)
