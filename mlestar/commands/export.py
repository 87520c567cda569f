"""The command export: take a run's result away, as a script, a notebook or the submission."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlestar.errors import UserError
from mlestar.options import AsJson, RunName, RunsDir

if TYPE_CHECKING:
    from journal import Run

SUFFIX = {"notebook": ".ipynb", "script": ".py", "submission": ".csv"}


def export(
    run: RunName,
    notebook: Annotated[bool, typer.Option("--notebook", help="As a Jupyter notebook, a cell a block.")] = False,
    script: Annotated[bool, typer.Option("--script", help="As a Python script.")] = False,
    submission: Annotated[bool, typer.Option("--submission", help="The submission.")] = False,
    number: Annotated[
        int | None,
        typer.Option("--candidate", help="Of this candidate, not of the final answer; scripts and notebooks only.", show_default=False),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where to (default: here, named after the competition).", dir_okay=False, show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    runs_dir: RunsDir = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """Take a run's result away: exactly one of --notebook, --script and --submission. Prints where it is."""
    from journal import open_run, write_atomically
    from mlestar.formats import print_json
    from mlestar.places import run_folder

    kinds = [kind for kind, asked in (("notebook", notebook), ("script", script), ("submission", submission)) if asked]
    if len(kinds) != 1:
        raise UserError(f"export: {' and '.join(kinds) or 'nothing'} asked for — give one of --notebook, --script and --submission")
    (kind,) = kinds
    if kind == "submission" and number is not None:
        raise UserError(f"--candidate: {number} — only the final answer has a submission on disk; leave it out")
    found = open_run(run_folder(run, runs_dir))
    source = _source(found, kind, number)
    name = f"{found.info.competition}{f'-{number:04d}' if number is not None else ''}{SUFFIX[kind]}"
    target = to or Path(name.replace("/", "-"))
    if target.exists() and not force:
        raise UserError(f"--to: {str(target)!r} is there already — give another name, or --force")
    if not target.absolute().parent.is_dir():
        raise UserError(f"--to: there is no folder {str(target.parent)!r} — make it first")
    if kind == "notebook":
        write_atomically(target, json.dumps(notebook_of(source.read_text(encoding="utf-8")), indent=1, ensure_ascii=False).encode() + b"\n")
    else:
        shutil.copyfile(source, target)
    if as_json:
        print_json({"run": found.info.id, "kind": kind, "candidate": number, "path": str(target.absolute())})
    else:
        typer.echo(str(target))


def notebook_of(code: str) -> dict[str, Any]:
    """A script in percent-cell format as a notebook (nbformat 4.5): a code cell a block, under a heading with its title."""
    from journal import Block, Solution

    cells: list[dict[str, Any]] = []
    blocks = list(Solution.parse(code))
    if "argparse" in code:  # a notebook's kernel has arguments of its own, which a script would take for its
        blocks.insert(0, Block("arguments", 'import sys\n\nsys.argv = ["solution.py"]'))
    for position, block in enumerate(blocks):
        heading = {"cell_type": "markdown", "id": f"title-{position}", "metadata": {}, "source": f"## {block.title}"}
        code_cell = {**heading, "cell_type": "code", "id": f"block-{position}", "source": block.source}
        cells += [heading, {**code_cell, "execution_count": None, "outputs": []}]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def _source(run: "Run", kind: str, number: int | None) -> Path:
    """The file that is to be taken.

    Raises:
        UserError: the run does not have it.
    """
    from mlestar.commands.look import candidate_node
    from mlestar.summary import SCRIPT, SUBMISSION

    if number is not None:
        path = run.candidate_folder(candidate_node(run, number).number) / "solution.py"
    else:
        path = run.folder / (SUBMISSION if kind == "submission" else SCRIPT)
    if not path.is_file():
        raise UserError(
            f"export: run {run.info.id!r} has no {path.relative_to(run.folder)} — see `mlestar show {run.info.id}` for its state"
        )
    return path
