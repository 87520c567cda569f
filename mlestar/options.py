"""Options that several commands have, and how they become Settings."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlestar.errors import UserError

if TYPE_CHECKING:
    from journal import Settings

RunsDir = Annotated[Path, typer.Option("--runs-dir", envvar="MLESTAR_RUNS", help="Where run folders lie.", file_okay=False)]


def _complete_run(incomplete: str) -> list[str]:
    """Ids that a shell offers; those of the folder that the environment names, since options are not parsed yet."""
    root = Path(os.environ.get("MLESTAR_RUNS", "runs"))
    names = ["last", *sorted(path.parent.name for path in root.glob("*/*/run.json"))]
    return [name for name in names if name.startswith(incomplete)]


RUN_HELP = "A run folder, an id, the beginning of one, or 'last'."
RunName = Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP, show_default=False, autocompletion=_complete_run)]
RunNames = Annotated[list[str], typer.Argument(metavar="RUN...", help=RUN_HELP, show_default=False, autocompletion=_complete_run)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

OPTIONS = {
    "seconds": "--time",
    "script_seconds": "--script-time",
    "answer_seconds": "--answer-time",
    "script_memory": "--script-memory",
    "exclude_domains": "--exclude-domain",
}
"""Settings whose option is not simply their name."""


def make_settings(**given: Any) -> "Settings":
    """Settings from what was given on the command line; none: the default.

    Raises:
        UserError: a value is out of bounds.
    """
    from pydantic import ValidationError

    from journal import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
        raise UserError(f"{option}: {first['input']!r} — {first['msg'][0].lower()}{first['msg'][1:]}") from error


def more_evaluations(text: str | None) -> int | None:
    """A whole number above zero, with or without '+'.

    Raises:
        UserError: it is none.
    """
    if text is None:
        return None
    if not text.strip().removeprefix("+").isdigit() or int(text) < 1:
        raise UserError(f"--evaluations: {text!r} is no whole number above zero — write it like 20 or +20")
    return int(text)
