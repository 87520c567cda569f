"""Commands that speak to Kaggle: get, which downloads a competition, and submit, which sends what a run came to."""

from pathlib import Path
from typing import Annotated

import typer

from mlestar.errors import UserError
from mlestar.options import RunName, RunsDir


def get(
    source: Annotated[str, typer.Argument(metavar="kaggle:NAME", help="The competition's name in its address.", show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", help="The folder to make (default: the name).", show_default=False)] = None,
) -> None:
    """Download a Kaggle competition with the official client (pip install 'mlestar[kaggle]') and your credentials."""
    from mlestar.kaggle import PREFIX, download

    name = source.removeprefix(PREFIX)
    if not source.startswith(PREFIX) or not name or "/" in name:
        raise UserError(f"source: {source!r} is no such competition — write {PREFIX}NAME, such as {PREFIX}titanic")
    folder = download(name, output or Path(name))
    typer.echo(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
    typer.echo(f"The description is not among the files: save it as {folder / 'description.md'}, then `mlestar init {folder}`")


def submit(
    run: RunName,
    competition: Annotated[
        str | None, typer.Option("--competition", metavar="NAME", help="Its name at Kaggle (default: the run's).", show_default=False)
    ] = None,
    message: Annotated[str | None, typer.Option("--message", help="Shown beside the submission (default: run and score).")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking.")] = False,
    runs_dir: RunsDir = Path("runs"),
) -> None:
    """Send a run's submission to Kaggle, after asking; with the official client and your credentials."""
    from journal import open_run
    from mlestar.kaggle import check_client
    from mlestar.kaggle import submit as send
    from mlestar.places import run_folder
    from mlestar.summary import SUBMISSION, has_submission
    from reports import summarise, text

    opened = open_run(run_folder(run, runs_dir))
    if not has_submission(opened):
        raise UserError(f"run: {opened.info.id} has no valid submission — see `mlestar show`")
    check_client()
    name, score = competition or opened.info.competition, summarise(opened).score
    known = f"{opened.info.metric} {text.score(score)} in validation" if score is not None else "no score"
    path = opened.folder / SUBMISSION
    if not yes and not typer.confirm(f"Send {path} ({known}) to the Kaggle competition {name!r}?", default=False):
        typer.echo("nothing was sent", err=True)
        raise typer.Exit(1)
    typer.echo(send(name, path, message or f"mlestar {opened.info.id}, {known}"))
