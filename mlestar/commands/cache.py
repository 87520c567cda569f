"""The command cache: what is kept between runs, and making room."""

from time import localtime, strftime, time
from typing import TYPE_CHECKING, Annotated

import typer

from mlestar.errors import UserError
from mlestar.options import AsJson

if TYPE_CHECKING:
    from evaluation.cache import Entry

UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def cache(
    prune: Annotated[
        str | None, typer.Option("--prune", metavar="SIZE", help="Remove what was used longest ago until so much is left: 5GB, 500MB, 0B.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove everything; runs that are going on make again what they need.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is kept between runs (results of executions, views of competitions), and remove what is asked for.

    What was used within the last hour is not pruned.
    """
    if prune is not None and clear:
        raise UserError("--prune: --clear removes everything already — leave one of the two out")
    limit = parse_size(prune) if prune is not None else None
    from evaluation import cache as kept
    from flows.places import cache_folder
    from mlestar.formats import console, print_json

    place = cache_folder()
    removed = kept.clear(place) if clear else kept.prune(place, limit, time()) if limit is not None else []
    found = kept.entries(place)
    kinds = {kind: [entry for entry in found if entry.kind == kind] for kind in sorted({entry.kind for entry in found})}
    if as_json:
        described = {kind: {"entries": len(each), "bytes": kept.size(each)} for kind, each in kinds.items()}
        print_json({"folder": place, "kinds": described, "removed": {"entries": len(removed), "bytes": kept.size(removed)}})
        return
    out = console()
    out.print(f"{place}: {_amount(found)}")
    for kind, each in kinds.items():
        out.print(f"  {kind:<14}{_amount(each)}, used last {strftime('%Y-%m-%d %H:%M', localtime(max(entry.used for entry in each)))}")
    if clear or prune is not None:
        out.print(f"removed: {_amount(removed)}")


def parse_size(text: str) -> int:
    """Bytes: '5GB', '1.5 GiB', '0B'.

    Raises:
        UserError: it is no size.
    """
    compact = text.replace(" ", "").upper()
    number = compact.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = UNITS.get(compact[len(number) :])
    if unit is None or not number.replace(".", "", 1).isdecimal():
        raise UserError(f"--prune: {text!r} is no size — write it like 5GB, 500MB or 0B")
    return round(float(number) * unit)


def _amount(found: "list[Entry]") -> str:
    from evaluation.cache import size

    number = size(found)
    unit = next((name for name in ("GB", "MB", "KB") if number >= UNITS[name]), "B")
    return f"{number / UNITS[unit]:.{0 if unit == 'B' else 1}f} {unit} in {len(found)} {'entry' if len(found) == 1 else 'entries'}"
