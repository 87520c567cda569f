"""The command line: wiring only. What the commands do is in mlestar/commands."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from mlestar.commands.approve import approve
from mlestar.commands.bench import bench
from mlestar.commands.cache import cache
from mlestar.commands.compare import compare, diff
from mlestar.commands.competitions import contract, examples, grade, graph
from mlestar.commands.doctor import doctor
from mlestar.commands.export import export
from mlestar.commands.init import brief, init
from mlestar.commands.kaggle import get, submit
from mlestar.commands.look import ablation, finish, report, runs, show
from mlestar.commands.policies import policies
from mlestar.commands.server import serve, setup_server, worker
from mlestar.commands.solve import demo, resume, run
from mlestar.commands.watch import watch
from mlestar.errors import UserError

EXIT_USER_ERROR = 2
FACES = (
    ("competitions", "CompetitionError"),
    ("engineers", "EngineerError"),
    ("engineers.models", "ModelNameError"),
    ("flows.local_server", "LocalServerError"),
    ("flows.workshop", "SettingsError"),
    ("engineers.models", "ModelNameError"),
    ("journal", "RunFolderError"),
    ("policies", "PolicyError"),
    ("retrieval", "CardError"),
    ("retrieval", "DomainError"),
    ("retrieval", "SearchError"),
    ("sandbox", "InfrastructureError"),
)
"""Errors of the packages below that speak to the user: one line, no traceback."""

app = typer.Typer(
    name="mlestar",
    help="An agent that enters machine-learning competitions: a valid submission, the script that made it, and what matters and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "Work": (run, demo, resume, approve, watch, finish),
    "Read": (runs, show, diff, ablation, report, compare, export, submit),
    "Further": (bench, grade, examples, graph, policies, doctor, cache),
    "Prepare": (get, init, brief, contract),
    "Many machines": (setup_server, worker, serve),
}
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"mlestar {version('mlestar')}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Options of the command line as a whole."""


def main() -> None:
    """Run the command line; exits with 2 and one line on standard error where the user can mend it."""
    try:
        app()
    except Exception as error:
        if not speaks_to_user(error):
            raise
        typer.echo(f"mlestar: {' '.join(str(error).split())}", err=True)
        sys.exit(EXIT_USER_ERROR)


def speaks_to_user(error: Exception) -> bool:
    """Whether the message is meant for the user. A package that was never loaded cannot have raised it."""
    loaded = ((sys.modules.get(package), name) for package, name in FACES)
    kinds = tuple(getattr(module, name) for module, name in loaded if module is not None and hasattr(module, name))
    return isinstance(error, (UserError, *kinds))
