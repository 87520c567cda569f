"""Commands around a Prefect server: setup-server, serve, worker."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from mlestar.errors import UserError
from mlestar.options import RunsDir

if TYPE_CHECKING:
    from sandbox import Isolation

REPORTS_PORT = 8060


def setup_server(
    gpu_slots: Annotated[int, typer.Option("--gpu-slots", min=1, help="Scripts at once of all workers that hold the limit.")] = 1,
    model_calls: Annotated[int, typer.Option("--model-calls", min=1, help="Model calls that may be begun at once, over all runs.")] = 8,
    model_rate: Annotated[float, typer.Option("--model-rate", min=0.1, help="Model calls a minute, over all runs.")] = 60.0,
) -> None:
    """Make the pools, limits and the automation that a Prefect server needs; run it again whenever you like."""
    import asyncio

    from flows.local_server import check_server
    from flows.server_setup import Limits, set_up_server

    url = check_server()
    for line in asyncio.run(set_up_server(Limits(gpu_slots, model_calls, model_rate))):
        typer.echo(line)
    typer.echo(f"{url} is ready; next: prefect --no-prompt deploy --name gpu")


def serve(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = REPORTS_PORT,
    host: Annotated[
        str, typer.Option("--host", help="An address of this machine; others than loopback let the network read all runs.")
    ] = "127.0.0.1",
    runs_dir: RunsDir = Path("runs"),
) -> None:
    """Serve the run folders to a browser, for the links on a Prefect server's pages; Ctrl-C ends it."""
    from mlestar.static import static_server

    if not runs_dir.is_dir():
        raise UserError(f"--runs-dir: there is no folder {str(runs_dir)!r} — give the one where the runs lie")
    try:
        server = static_server(runs_dir, host, port)
    except (OSError, ValueError) as error:
        raise UserError(f"--port: {host}:{port} cannot be had ({error}) — give another --port or --host") from error
    with server:
        typer.echo(f"http://{host}:{server.server_address[1]}/ shows {runs_dir}", nl=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("ended", err=True)


def worker(
    storage: Annotated[
        str, typer.Option("--storage", metavar="URL", help="The shared folder, or fsspec URL, of the runs it serves.", show_default=False)
    ],
    gpu: Annotated[
        list[str] | None, typer.Option("--gpu", help="A GPU to use (CUDA_VISIBLE_DEVICES of scripts); give it again for another.")
    ] = None,
    slots: Annotated[int | None, typer.Option("--slots", min=1, help="Scripts at once (default: one a GPU, without any one).")] = None,
    limit: Annotated[
        str | None, typer.Option("--limit", help="A Prefect concurrency limit of which a place is held while a script runs: mlestar-gpu.")
    ] = None,
    isolation: Annotated[
        str, typer.Option("--isolation", help="'auto': the strongest cage there is; 'required': a cage or nothing; 'none'.")
    ] = "auto",
) -> None:
    """Execute the scripts of runs that were started with --runner workers and the same storage; Ctrl-C gives back what it had."""
    import asyncio

    from flows.worker import make_worker, serve_until_told

    if isolation not in ("auto", "required", "none"):
        raise UserError(f"--isolation: {isolation!r} is none of auto, required, none")
    made = make_worker(storage, gpu or [], slots, limit, cast("Isolation", isolation))
    typer.echo(f"{made.name}: {made.slots.count} at once, {made.describe()}", err=True)
    asyncio.run(serve_until_told(made))
