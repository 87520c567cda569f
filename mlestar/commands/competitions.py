"""Commands about competitions, without a run: contract, grade, examples; and graph, which shows how a run goes."""

from pathlib import Path
from typing import Annotated

import typer

from mlestar.errors import UserError
from mlestar.options import AsJson

CompetitionName = Annotated[
    str, typer.Argument(metavar="COMPETITION", help="The competition's folder, or the name of a bundled example.", show_default=False)
]


def contract(
    competition: CompetitionName,
    script_time: Annotated[
        str | None, typer.Option("--script-time", metavar="DURATION", help="Wall-clock of one execution (default: 10m).")
    ] = None,
    script_memory: Annotated[
        float | None, typer.Option("--script-memory", metavar="GIB", help="Memory of one execution, in GiB (default: 8).")
    ] = None,
) -> None:
    """Print what a solution of your own must do, for `mlestar run COMPETITION --start SCRIPT`."""
    from competitions import load_competition, make_brief
    from mlestar.durations import parse_duration
    from mlestar.options import make_settings
    from mlestar.places import competition_folder
    from prompts import render

    settings = make_settings(
        script_seconds=parse_duration(script_time, "--script-time") if script_time is not None else None,
        script_memory=round(script_memory * 2**30) if script_memory is not None else None,
    )
    brief = make_brief(load_competition(competition_folder(competition)))
    typer.echo(render("contract", brief=brief, seconds=settings.script_seconds, memory=settings.script_memory))


def grade(
    competition: CompetitionName,
    submission: Annotated[Path, typer.Argument(metavar="SUBMISSION", help="The submission, a CSV file.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Score a submission against the competition's private answers; exit status 1 where it is not valid."""
    from competitions import grade_submission, load_competition
    from mlestar.formats import print_json
    from mlestar.places import competition_folder

    if not submission.is_file():
        raise UserError(f"submission: there is no file {str(submission)!r} — give a CSV file")
    graded = grade_submission(load_competition(competition_folder(competition)), submission)
    values = graded.model_dump(mode="json")
    if as_json:
        print_json(values)
    else:
        width = max(map(len, values))
        for name, value in values.items():
            if value is not None and value != "":
                typer.echo(f"{name.replace('_', ' '):<{width}}  {value}")
    if not graded.valid_submission:
        raise typer.Exit(1)


def examples() -> None:
    """List the bundled example competitions: real data, made on your machine, no network."""
    from competitions import EXAMPLES

    width = max(map(len, EXAMPLES))
    for name, example in EXAMPLES.items():
        typer.echo(f"{name:<{width}}  predicts {example.target} ({', '.join(example.sample)})")


def graph() -> None:
    """Print the state machine of a run as a Mermaid diagram."""
    from nodes.graph import mermaid

    typer.echo(mermaid())
